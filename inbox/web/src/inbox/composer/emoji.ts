/** The emoji that people of a help desk use, with the words to find them by. */
export const EMOJI: readonly (readonly [string, string])[] = (
  "😀 grin happy|😃 smile happy|😄 laugh smile|😁 beam grin|😅 sweat relief|😂 tears laugh|🙂 smile|😉 wink|😊 blush smile|😍 love eyes|😘 kiss|" +
  "😋 yum|😎 cool|🤩 star wow|🤗 hug|🤔 think hmm|🤨 doubt|😐 neutral|😶 silent|🙄 eyes roll|😏 smirk|😴 sleep|😕 confused|🙁 sad|😟 worried|" +
  "😮 surprised|😲 astonished|🥺 please|😢 cry sad|😭 sob cry|😤 angry|😡 rage angry|🤯 mind blown|😳 flushed|😱 scream|🤒 ill|🤕 hurt|🥳 party|" +
  "👍 thumbs up yes|👎 thumbs down no|👌 ok|✌️ peace|🤞 luck fingers|🤝 handshake deal|🙏 thanks please pray|👏 clap bravo|🙌 hooray|💪 strong|" +
  "👋 wave hello bye|🤚 stop hand|👉 point right|👈 point left|👆 point up|👇 point down|✋ hand|🫶 heart hands|🤷 shrug|🙋 raise hand|🙇 bow sorry|" +
  "❤️ heart love|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|💔 broken heart|💯 hundred|✨ sparkles|⭐ star|🔥 fire|" +
  "🎉 party tada|🎁 gift present|🎂 cake birthday|🌹 rose flower|🌞 sun|🌧️ rain|☕ coffee buna|🍽️ food|" +
  "✅ done check yes|❌ no cross wrong|⚠️ warning|❗ important|❓ question|ℹ️ info|🔔 bell|🔒 lock secure|🔑 key|🔍 search|" +
  "📦 parcel package|🚚 delivery truck|🛒 cart shop|🛍️ bags shop|🏠 home address|🏪 store shop|📍 pin place|🗺️ map|" +
  "💳 card pay|💵 money cash|🧾 receipt|💰 money|🏦 bank|🎟️ ticket|📅 date calendar|⏰ time alarm|⏳ wait hourglass|🕐 clock|" +
  "📞 phone call|📱 mobile phone|💬 chat message|✉️ mail letter|📧 email|📎 attach clip|📄 document|📷 photo camera|🖼️ picture|🎥 video|" +
  "🔧 repair tool|🛠️ tools fix|🐛 bug|💡 idea|🚀 rocket fast|🔄 again refresh|↩️ return back|➡️ right next|👀 look eyes|🤖 bot robot"
)
  .split("|")
  .map((entry) => {
    const [sign, ...words] = entry.split(" ");
    return [sign!, words.join(" ")] as const;
  });

export function findEmoji(q: string): readonly (readonly [string, string])[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? EMOJI.filter(([, names]) => words.every((word) => names.includes(word))) : EMOJI;
}
