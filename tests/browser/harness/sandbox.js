// A pretend provider of a spec's own, that behaves as it is told.
import { asOwner, until } from "./world.js";

let made = 0;

/** An SMS channel and a customer who writes on it. */
export async function sms({ name = "Bekele" } = {}) {
  const call = await asOwner();
  const number = `+2519350${String(10_000 + ++made)}`;
  const channel = await call("POST", "/v1/channels", { name: `Sandbox ${made}`, channel_type: "sms", provider: "sandbox" });
  const at = `/v1/channels/${channel.id}/sandbox`;
  return {
    name,
    number,
    behave: (behaviour) => call("PUT", `${at}/behaviour`, { behaviour }),
    messages: async () => (await call("GET", `${at}/messages`)).messages,
    /** Resolves with the conversation's id. */
    say: async (text) => {
      await call("POST", `${at}/inbound`, { from: number, name, text });
      const found = await until(async () => (await call("GET", `/v1/conversations?filter=channel_id:eq:${channel.id}`))[0], "the conversation is there");
      return found.id;
    },
  };
}
