// A desk of one column of conversations and one thread, over the namespace /agents.
import { connect } from "/pages/socket.js";
import { accessToken, api, renew, signIn, signOut, signedIn } from "/pages/session.js";

const $ = (id) => document.getElementById(id);
let socket = null, me = null, account = null, epoch = null, feed = null, current = null, since = 0;
let conversations = new Map();

async function show() {
  const inside = signedIn();
  $("sign-in").hidden = inside;
  for (const id of ["desk", "sign-out", "online-label"]) $(id).hidden = !inside;
  if (!inside) { $("email").focus(); return; }
  me = await api("GET", "/v1/users/me");
  account = me.accounts[0]?.account_id;
  socket = connect("/agents", async () => {
    await api("GET", "/v1/users/me"); // renews a token that has run out
    return { token: accessToken(), account_id: account, since: feed ?? undefined, epoch: epoch ?? undefined, threads: current ? { [current]: since } : undefined };
  });
  socket.on("state", (state) => { $("state").textContent = state; });
  socket.on("refused", (why) => { $("state").textContent = why; if (why === "unauthorized") renew().catch(() => location.reload()); });
  socket.on("hello", (told) => {
    const same = epoch === told.epoch;
    epoch = told.epoch;
    if (!(same && told.resumed)) { feed = told.head; refresh(); if (current) choose(current); }
    socket.emit("agent:status", { status: $("online").checked ? "online" : "offline" }).catch(problem);
  });
  socket.on("auth:expiring", async () => { await renew(); socket.emit("auth:refresh", { token: accessToken() }).catch(problem); });
  socket.on("auth:expired", () => location.reload());
  for (const name of ["conversation:new", "conversation:updated"]) socket.on(name, (told, meta) => { advance(meta); keep(told); });
  socket.on("conversation:hidden", (told, meta) => { advance(meta); conversations.delete(told.conversation_id); list(); });
  for (const name of ["notification:assignment", "notification:mention", "channel:status"]) socket.on(name, (_, meta) => advance(meta));
  socket.on("feed:position", (told) => { feed = Math.max(feed ?? 0, told.seq); });
  socket.on("conversation:message", (message, meta) => { advance(meta); if (message.conversation_id === current) put(message); });
  socket.on("message:status", (told, meta) => { advance(meta); const meta_ = document.querySelector(`[data-id="${CSS.escape(told.message_id)}"] .status`); if (meta_) meta_.textContent = ` · ${told.status}`; });
  socket.on("reset", (told) => { if (told.log?.startsWith("account:")) refresh(); else if (current) choose(current); });
}

function advance(meta) {
  if (!meta) return;
  if (meta.log.startsWith("account:")) feed = Math.max(feed ?? 0, meta.seq);
  else if (meta.log === `conversation:${current}`) since = Math.max(since, meta.seq);
}

const problem = (error) => { $("write-status").textContent = error.message; };

async function refresh() {
  const page = await socket.emit("inbox:list", { view: $("view").value, limit: 50 }).catch(problem);
  if (!page) return;
  conversations = new Map(page.conversations.map((one) => [one.id, one]));
  list();
}

function keep(told) {
  const id = told.id ?? told.conversation_id;
  const old = conversations.get(id);
  if (old && (told.version ?? 0) < (old.version ?? 0)) return;
  const view = $("view").value;
  const fits = { all: true, mine: told.assignee?.id === me.id || told.assignee_id === me.id, unassigned: told.status === "open", bot: told.status === "bot" }[view];
  if (fits && !["resolved", "closed"].includes(told.status)) conversations.set(id, { ...old, ...told });
  else conversations.delete(id);
  list();
  if (id === current) about({ ...old, ...told });
}

function list() {
  const focused = document.activeElement?.dataset?.conversation;
  const all = [...conversations.values()].sort((a, b) => String(b.last_message_at).localeCompare(String(a.last_message_at)));
  $("list").replaceChildren(...all.map((one) => {
    const item = document.createElement("li"), button = document.createElement("button"), badge = document.createElement("span"), text = document.createElement("span");
    button.type = "button";
    button.dataset.conversation = one.id;
    button.setAttribute("aria-pressed", String(one.id === current));
    badge.className = "badge";
    badge.textContent = one.status;
    text.className = "small dim";
    text.textContent = ` ${one.assignee?.name ?? ""} ${one.last_message_preview ?? one.preview ?? ""}`;
    button.append(`${name(one)} `, badge, text);
    button.addEventListener("click", () => choose(one.id));
    item.append(button);
    return item;
  }));
  if (focused) document.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
}

const name = (one) => one.contact?.name || one.contact?.identifier || one.contact_identifier || "someone";
function about(one) {
  $("thread-title").textContent = name(one);
  $("about").textContent = [one.channel_type, one.status, one.assignee?.name && `with ${one.assignee.name}`, (one.labels || []).join(", ")].filter(Boolean).join(" · ");
}

async function choose(id) {
  if (current && current !== id) socket.emit("conversation:leave", { conversation_id: current }).catch(() => {});
  current = id; since = 0;
  $("thread").replaceChildren();
  list();
  try {
    const told = await socket.emit("conversation:join", { conversation_id: id });
    const thread = told.threads?.[0] ?? told;
    if (thread.conversation) about(thread.conversation);
    const page = thread.entries ? thread : await socket.emit("conversation:history", { conversation_id: id, limit: 50 });
    for (const message of [...(page.entries || [])].sort((a, b) => a.seq - b.seq)) put(message);
    if (since) socket.emit("conversation:read", { conversation_id: id, seq: since }).catch(() => {});
  } catch (error) { problem(error); }
}

function put(message) {
  since = Math.max(since, message.seq ?? 0);
  const old = document.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  const node = old ?? document.createElement("div"), who = document.createElement("span"), status = document.createElement("span");
  node.className = `bubble${message.direction === "outbound" ? " own" : ""}${message.is_private ? " private" : ""}${message.direction === "system" ? " line" : ""}`;
  node.dataset.id = message.id;
  who.className = "meta";
  status.className = "status";
  status.textContent = message.direction === "outbound" && !message.is_private ? ` · ${message.read_at ? "read" : message.status}` : "";
  who.append(`${message.is_private ? "note · " : ""}${message.sender_name || message.sender_type} · ${new Date(message.created_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`, status);
  const files = (message.attachments || []).map((file) => { const link = document.createElement("a"); link.textContent = ` 📎 ${file.filename || file.type}`; if (file.url) link.href = file.url; return link; });
  node.replaceChildren(message.content ?? message.message_body, ...files, who);
  if (!old) { const thread = $("thread"); thread.append(node); thread.scrollTop = thread.scrollHeight; }
}

const act = (command, payload) => current && socket.emit(command, { conversation_id: current, ...payload }).then(() => { $("write-status").textContent = ""; }, problem);
$("take").addEventListener("click", () => act("conversation:assign", { assignee_id: me.id }));
$("resolve").addEventListener("click", () => act("conversation:status", { status: "resolved" }));
$("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const content = $("text").value.trim();
  if (!content || !current) return;
  try {
    const told = await socket.emit("message:send", { conversation_id: current, client_message_id: crypto.randomUUID(), content, is_private: $("private").checked });
    put(told.message);
    $("text").value = "";
    $("write-status").textContent = "";
  } catch (error) { problem(error); }
});
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("write").requestSubmit(); } });
$("view").addEventListener("change", refresh);
$("online").addEventListener("change", () => socket.emit("agent:status", { status: $("online").checked ? "online" : "offline" }).catch(problem));
$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  try { await signIn($("email").value.trim(), $("password").value); $("online").checked = true; await show(); } catch (error) { $("sign-in-error").textContent = error.message; }
});
$("sign-out").addEventListener("click", async () => { socket?.close(); await signOut(); location.reload(); });
$("online").checked = true;
show().catch((error) => { $("sign-in").hidden = false; $("sign-in-error").textContent = error.message; });
