import { Refused, api, signIn, signOut, signedIn } from "/pages/session.js";

const $ = (id) => document.getElementById(id);
const DEFAULTS = {
  delay_ms: 0, delay_jitter_ms: 0, fail_before_write: 0, fail_status: 0, fail_status_code: 503, throttle: 0,
  throttle_after_ms: 1000, cut_after_write: 0, keep_cut: 0.5, receipts: ["delivered"], receipt_delay_ms: 50,
  duplicate_receipts: 0, reorder_receipts: false, correlate_receipts: true, answers_look_up: true,
};
const PRESETS = {
  "Well-behaved": { receipts: ["delivered", "read"], receipt_delay_ms: 800 },
  Slow: { delay_ms: 3000, delay_jitter_ms: 4000, receipt_delay_ms: 3000 },
  Throttling: { throttle: 0.6, throttle_after_ms: 2000 },
  Flaky: { fail_before_write: 0.3, cut_after_write: 0.2, fail_status: 0.1 },
  Muddled: { receipts: ["sent", "delivered", "read"], duplicate_receipts: 2, reorder_receipts: true, receipt_delay_ms: 300 },
  Down: { fail_before_write: 1 },
};
const TICKS = {
  queued: ["◷", "queued", ""], sending: ["◷", "sending", ""], sent: ["✓", "sent", ""], delivered: ["✓✓", "delivered", "ok"],
  failed: ["✕", "failed", "bad"], permanently_failed: ["✕", "given up", "bad"], unknown: ["?", "may have been sent", "bad"],
};

let channel = null;
let after = 0;
let taken = 0;
let sent = new Map(); // seq -> what the hub sent
let polling = 0;

const memoryKey = () => `turumba.sandbox.${channel}`;
const written = () => { try { return JSON.parse(sessionStorage.getItem(memoryKey())) || []; } catch { return []; } };
const remember = (list) => sessionStorage.setItem(memoryKey(), JSON.stringify(list.slice(-200)));

function show() {
  const inside = signedIn();
  $("sign-in").hidden = inside;
  $("desk").hidden = !inside;
  $("sign-out").hidden = !inside;
  $("who").hidden = !inside;
  if (inside) start().catch(lost);
  else $("email").focus();
}

function lost(error) {
  if (error instanceof Refused && error.status === 401) return show();
  $("write-status").textContent = error.message;
  $("write-status").className = "small error";
}

async function start() {
  const me = await api("GET", "/v1/users/me");
  $("who").textContent = me.email || "";
  const channels = await api("GET", "/v1/channels?filter=provider:eq:sandbox&limit=100&sort=name:asc");
  const select = $("channel");
  select.replaceChildren(...channels.map((one) => new Option(`${one.name} (${one.channel_type})`, one.id)));
  $("channel-none").hidden = channels.length > 0;
  const wanted = location.hash.slice(1);
  if (channels.some((one) => one.id === wanted)) select.value = wanted;
  for (const one of channels) select.querySelector(`[value="${CSS.escape(one.id)}"]`).dataset.type = one.channel_type;
  await choose();
}

async function choose() {
  const option = $("channel").selectedOptions[0];
  channel = option?.value ?? null;
  after = 0; taken = 0; sent = new Map();
  if (!channel) return;
  location.hash = channel;
  const example = { telegram: "4711001", messenger: "psid-1", email: "abebe@example.com", webchat: "visitor-1" };
  $("from").value = written().at(-1)?.from || example[option.dataset.type] || "+251911000001";
  $("name").value = written().at(-1)?.name || "Abebe";
  draw();
  fill((await api("GET", `/v1/channels/${channel}/sandbox/behaviour`)).behaviour);
  polling += 1;
  poll(polling);
}

async function poll(turn) {
  while (turn === polling && signedIn()) {
    try {
      // a little overlap: the ticks of the last messages still change
      const page = await api("GET", `/v1/channels/${channel}/sandbox/messages?after=${Math.max(0, after - 50)}&limit=500`);
      if (turn !== polling) return;
      if (page.taken < taken) { sent = new Map(); after = 0; }
      taken = page.taken;
      const before = JSON.stringify([...sent]);
      for (const message of page.messages) { sent.set(message.seq, message); after = Math.max(after, message.seq); }
      if (JSON.stringify([...sent]) !== before) draw();
    } catch (error) {
      if (error.status === 401) return lost(error);
    }
    await new Promise((wake) => setTimeout(wake, document.hidden ? 5000 : 1000));
  }
}

function draw() {
  const address = $("from").value.trim();
  const own = written().filter((one) => one.from === address).map((one) => ({ ...one, own: true }));
  const got = [...sent.values()].filter((one) => one.to === address);
  const all = [...own, ...got].sort((a, b) => a.at.localeCompare(b.at));
  const thread = $("thread");
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
  const known = new Map([...thread.children].map((node) => [node.dataset.key, node]));
  // only what is new is added: a screen reader reads each message once
  for (const one of all) {
    const key = one.own ? one.external_id : `s${one.seq}`;
    let node = known.get(key);
    if (!node) thread.append((node = bubble(one, key)));
    node.querySelector(".meta").replaceChildren(...meta(one));
    known.delete(key);
  }
  for (const node of known.values()) node.remove();
  if (atEnd) thread.scrollTop = thread.scrollHeight;
  const addresses = [...new Set([...sent.values()].map((one) => one.to))];
  $("known").replaceChildren(...addresses.map((one) => new Option(one)));
  $("addresses").textContent = addresses.length ? addresses.slice(-20).join(", ") : "none yet";
}

function bubble(one, key) {
  const node = document.createElement("div");
  node.className = one.own ? "bubble own" : "bubble";
  node.dataset.key = key;
  const who = document.createElement("span");
  who.className = "hidden-text";
  who.textContent = one.own ? "The customer wrote: " : "They were sent: ";
  node.append(who, one.text || "");
  for (const file of one.attachments || []) {
    const line = document.createElement("div");
    line.textContent = `📎 ${file.filename || file.name || file.type}`;
    if (file.url) {
      const link = document.createElement("a");
      link.href = file.url; link.rel = "noreferrer"; link.target = "_blank";
      link.textContent = line.textContent;
      line.replaceChildren(link);
    }
    node.append(line);
  }
  const line = document.createElement("span");
  line.className = "meta";
  node.append(line);
  return node;
}

function meta(one) {
  const time = new Date(one.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (one.own) return [`${time} · taken by the hub`];
  const [sign, word, look] = one.read_at ? ["✓✓", "read", "seen"] : TICKS[one.status] || ["·", one.status || "not ours", ""];
  const tick = document.createElement("span");
  tick.className = look;
  tick.textContent = `${sign} ${word}`;
  return [`${time} · ${one.outcome === "cut" ? "the sender got no answer · " : ""}the hub shows: `, tick];
}

function fill(told) {
  const behaviour = { ...DEFAULTS, ...told };
  for (const [name, value] of Object.entries(behaviour)) {
    const field = $(name);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = "share" in field.dataset ? Math.round(value * 100) : value;
  }
  for (const box of document.querySelectorAll("[name=receipts]")) box.checked = behaviour.receipts.includes(box.value);
  $("faults-status").textContent = told ? "In force until the hub stops, or until you go back." : "In force: the channel's own settings.";
  for (const button of $("presets").children) button.setAttribute("aria-pressed", String(Boolean(told) && isPreset(button.textContent, behaviour)));
}

function isPreset(name, behaviour) {
  return Object.entries({ ...DEFAULTS, ...PRESETS[name] }).every(([key, value]) => JSON.stringify(behaviour[key]) === JSON.stringify(value));
}

function wish() {
  const told = {};
  for (const name of Object.keys(DEFAULTS)) {
    const field = $(name);
    if (!field) continue;
    if (field.type === "checkbox") told[name] = field.checked;
    else told[name] = "share" in field.dataset ? Number(field.value) / 100 : Number(field.value);
  }
  told.receipts = [...document.querySelectorAll("[name=receipts]:checked")].map((box) => box.value);
  return told;
}

async function tell(behaviour) {
  try {
    fill((await api("PUT", `/v1/channels/${channel}/sandbox/behaviour`, { behaviour })).behaviour);
    $("faults-status").className = "small note";
  } catch (error) {
    $("faults-status").textContent = error.message;
    $("faults-status").className = "small error";
  }
}

async function attachment(file) {
  if (file.size > 600_000) throw new Error("the file is larger than 600 kB");
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
  const kind = ["image", "audio", "video"].find((one) => file.type.startsWith(`${one}/`)) || "document";
  return { type: kind, url, filename: file.name, mime_type: file.type || "application/octet-stream", file_size: file.size };
}

$("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = $("write-status");
  const text = $("text").value;
  const file = $("file").files[0];
  const from = $("from").value.trim();
  if (!channel || !from || (!text.trim() && !file)) return;
  try {
    const attachments = file ? [await attachment(file)] : [];
    const name = $("name").value.trim() || null;
    const body = { from, display_name: name, text, attachments, copies: Number($("copies").value) };
    const done = await api("POST", `/v1/channels/${channel}/sandbox/inbound`, body);
    const shown = attachments.map(({ url, ...rest }) => rest);
    remember([...written(), { external_id: done.external_id, from, name, text, attachments: shown, at: new Date().toISOString() }]);
    $("text").value = "";
    $("file").value = "";
    status.textContent = done.deliveries > 1 ? `Delivered ${done.deliveries} times; the hub keeps one.` : "";
    status.className = "small note";
    draw();
  } catch (error) {
    lost(error);
  }
  $("text").focus();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("write").requestSubmit();
  }
});
$("from").addEventListener("change", draw);
$("channel").addEventListener("change", () => choose().catch(lost));
$("faults").addEventListener("submit", (event) => { event.preventDefault(); tell(wish()); });
$("reset").addEventListener("click", () => tell(null));
$("presets").append(...Object.entries(PRESETS).map(([name, preset]) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => tell({ ...DEFAULTS, ...preset }));
  return button;
}));
async function enter(email, password) {
  $("sign-in-error").textContent = "";
  try {
    await signIn(email, password);
    $("password").value = "";
    show();
  } catch (error) {
    $("sign-in-error").textContent = error.message;
  }
}
$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  void enter($("email").value.trim(), $("password").value);
});
// a demo tells its password to whoever can open it
fetch("/demo/guide").then((answer) => answer.json()).then(({ data: demo }) => {
  if (!demo) return;
  $("demo").hidden = false;
  $("as-owner").addEventListener("click", () => enter(demo.owner, demo.password));
}, () => {});
$("sign-out").addEventListener("click", async () => { polling += 1; await signOut(); show(); });
show();
