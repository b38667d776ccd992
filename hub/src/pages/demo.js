// A visitor's chat over the namespace /customers.
import { connect } from "/pages/socket.js";

const $ = (id) => document.getElementById(id);
const key = decodeURIComponent(location.hash.slice(1));
const KEPT = `turumba.visitor.${key}`;
const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT)) || {}; } catch { return {}; } };

let session = null, socket = null, conversation = null, since = 0, epoch = null;
const drafts = new Map(); // client_message_id -> text that is not acknowledged yet

async function begin() {
  if (!key) { $("choose").hidden = false; $("key").focus(); return; }
  await renew();
  $("chat").hidden = false;
  socket = connect("/customers", async () => {
    if (Date.parse(session.expires_at) - Date.now() < 30_000) await renew();
    return { token: session.token, conversation_id: conversation ?? undefined, since: conversation ? since : undefined, epoch: epoch ?? undefined };
  });
  socket.on("state", (state) => { $("state").textContent = { connecting: "connecting…", waiting: "not connected, trying again", connected: "connected" }[state]; });
  socket.on("refused", async (why) => {
    $("state").textContent = why;
    if (why === "unauthorized") await renew().catch(() => {});
  });
  socket.on("hello", hello);
  socket.on("auth:expiring", async () => { await renew(); socket.emit("auth:refresh", { token: session.token }).catch(() => {}); });
  socket.on("conversation:message", (message, meta) => { advance(meta); put(message); });
  socket.on("message:status", (told, meta) => { advance(meta); tick(told.message_id, told.status); });
  socket.on("conversation:updated", (told, meta) => { advance(meta); if (["resolved", "closed"].includes(told.status)) line(`This conversation is ${told.status}.`); });
  socket.on("agent:joined", (told, meta) => { advance(meta); line(`${told.name} has joined.`); });
  socket.on("csat:request", (told, meta) => { advance(meta); ask(told); });
  socket.on("conversation:typing", (told) => { $("typing").textContent = told.typing === false ? "\u00a0" : "The other side is typing…"; clearTimeout(hello.timer); hello.timer = setTimeout(() => { $("typing").textContent = "\u00a0"; }, 5000); });
  socket.on("queue:position", (told) => { $("state").textContent = `number ${told.position} in the queue`; });
  socket.on("reset", () => { since = 0; load(); });
}

async function renew() {
  const { visitor_id, visitor_secret } = kept();
  const answer = await fetch(`/v1/public/chat/${encodeURIComponent(key)}/session`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ visitor_id, visitor_secret, locale: navigator.language, page: { url: location.origin + location.pathname, title: document.title, referrer: "" } }),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.message || `the hub answered ${answer.status}`);
  session = told.data ?? told;
  localStorage.setItem(KEPT, JSON.stringify({ visitor_id: session.visitor.id, visitor_secret: session.visitor_secret ?? visitor_secret }));
}

function hello(told) {
  epoch = told.epoch;
  const current = told.conversation?.id ?? told.conversation?.conversation_id ?? null;
  const same = current && current === conversation;
  conversation = current;
  $("title").textContent = told.team_name || "Web chat";
  $("welcome").textContent = (told.online ? told.welcome : told.offline_message) || told.welcome || "Write to us.";
  if (!(same && told.resumed)) { since = 0; load(); }
  for (const [id, content] of drafts) deliver(id, content);
}

async function load() {
  if (!conversation) return;
  const page = await socket.emit("conversation:history", { limit: 50 });
  $("thread").replaceChildren();
  for (const message of [...page.entries].sort((a, b) => a.seq - b.seq)) put(message);
}

function advance(meta) {
  if (!meta?.log?.startsWith("conversation:")) return;
  conversation = meta.log.slice("conversation:".length);
  since = Math.max(since, meta.seq);
}

function put(message) {
  since = Math.max(since, message.seq ?? 0);
  const own = message.sender_type === "contact";
  const old = document.querySelector(`[data-id="${CSS.escape(message.id)}"], [data-client="${CSS.escape(message.client_message_id ?? "-")}"]`);
  const node = old ?? document.createElement("div");
  node.className = own ? "bubble own" : message.sender_type === "system" ? "bubble line" : "bubble";
  node.dataset.id = message.id;
  const who = document.createElement("span");
  who.className = "hidden-text";
  who.textContent = own ? "You: " : `${message.sender?.name || "They"}: `;
  const meta = document.createElement("span");
  meta.className = "meta";
  meta.textContent = `${own ? "" : `${message.sender?.name || message.sender_type} · `}${new Date(message.created_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
  const files = (message.attachments || []).map((file) => { const link = document.createElement("a"); link.textContent = ` 📎 ${file.filename || file.type}`; if (file.url) link.href = file.url; return link; });
  node.replaceChildren(who, message.content, ...files, meta);
  if (!old) add(node);
  if (!own && !document.hidden) socket.emit("conversation:read", { seq: message.seq }).catch(() => {});
}

function add(node) { const thread = $("thread"); thread.append(node); thread.scrollTop = thread.scrollHeight; }
function line(text) { const node = document.createElement("div"); node.className = "bubble line"; node.textContent = text; add(node); }
function tick(id, status) { const meta = document.querySelector(`[data-id="${CSS.escape(id)}"].own .meta`); if (meta) meta.textContent = `${meta.textContent.split(" · ")[0]} · ${status}`; }

function ask(told) {
  $("question").textContent = told.question;
  $("scale").replaceChildren(...Array.from({ length: told.scale || 5 }, (_, at) => {
    const label = document.createElement("label");
    label.className = "inline";
    const box = Object.assign(document.createElement("input"), { type: "radio", name: "rating", value: String(at + 1), required: true });
    label.append(box, ` ${at + 1}`);
    return label;
  }));
  $("csat").hidden = false;
}

// Kept until it is acknowledged, and sent again under the same id after a lost connection.
function deliver(client_message_id, content) {
  socket.emit("message:send", { client_message_id, content }).then((told) => {
    drafts.delete(client_message_id);
    conversation = told.conversation.id ?? conversation;
    put(told.message);
    $("write-status").textContent = "";
  }, (error) => {
    if (error.code) { drafts.delete(client_message_id); document.querySelector(`[data-client="${client_message_id}"]`)?.remove(); $("text").value ||= content; }
    $("write-status").textContent = error.code ? error.message : "It will be sent when the connection is back.";
  });
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const content = $("text").value.trim();
  if (!content) return;
  const id = crypto.randomUUID ? crypto.randomUUID() : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  drafts.set(id, content);
  const node = document.createElement("div");
  node.className = "bubble own";
  node.dataset.client = id;
  node.textContent = content;
  add(node);
  $("text").value = "";
  deliver(id, content);
});
let typed = 0;
$("text").addEventListener("input", () => { if (Date.now() - typed > 3000) { typed = Date.now(); socket?.emit("conversation:typing:start").catch(() => {}); } });
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("write").requestSubmit(); } });
$("csat").addEventListener("submit", (event) => {
  event.preventDefault();
  socket.emit("csat:submit", { rating: Number(new FormData($("csat")).get("rating")) }).then(() => { $("csat").hidden = true; line("Thank you."); }, (error) => line(error.message));
});
$("close").addEventListener("click", () => socket.emit("conversation:close").catch((error) => { $("write-status").textContent = error.message; }));
$("anew").addEventListener("click", () => { localStorage.removeItem(KEPT); location.reload(); });
$("choose").addEventListener("submit", (event) => { event.preventDefault(); location.hash = encodeURIComponent($("key").value.trim()); location.reload(); });
begin().catch((error) => { $("choose").hidden = false; $("choose-error").textContent = error.message; });
