// The account's live sockets, looked at every two seconds; one press cuts one.
import { api, signIn, signOut, signedIn } from "/pages/session.js";

const $ = (id) => document.getElementById(id);
const rows = new Map(); // id -> its row
let timer = 0;

const told = (error) => { $("error").textContent = error ? error.message : ""; };

function cells(one) {
  const since = one.connected_at ? new Date(one.connected_at).toLocaleTimeString() : "";
  const who = one.name ?? `Visitor ${one.person_id.slice(-6)}`;
  return [who, since, one.transport, one.threads, one.delivered, one.behind].map(String);
}

function row(one) {
  const line = document.createElement("tr");
  for (let n = 0; n < 6; n += 1) line.append(document.createElement("td"));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Cut";
  button.setAttribute("aria-label", `Cut ${cells(one)[0]}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await api("DELETE", `/v1/connections/${one.id}`).catch((error) => { if (error.status !== 404) told(error); });
    await look();
  });
  const last = document.createElement("td");
  last.append(button);
  line.append(last);
  return line;
}

async function look() {
  clearTimeout(timer);
  try {
    const list = await api("GET", "/v1/connections");
    told(null);
    const ids = new Set(list.map((one) => one.id));
    for (const [id, line] of rows) if (!ids.has(id)) { line.remove(); rows.delete(id); }
    for (const one of list) {
      if (!rows.has(one.id)) { rows.set(one.id, row(one)); $("rows").append(rows.get(one.id)); }
      const line = rows.get(one.id);
      cells(one).forEach((text, n) => { if (line.children[n].textContent !== text) line.children[n].textContent = text; });
    }
    const agents = list.filter((one) => one.namespace === "agents").length;
    $("none").hidden = list.length > 0;
    const sum = `Sockets: ${agents} of agents, ${list.length - agents} of customers`;
    if ($("sum").textContent !== sum) $("sum").textContent = sum;
  } catch (error) {
    told(error);
    if (error.status === 401) return show();
  }
  timer = setTimeout(look, 2000);
}

function show() {
  clearTimeout(timer);
  const inside = signedIn();
  $("sign-in").hidden = inside;
  $("desk").hidden = !inside;
  $("sign-out").hidden = !inside;
  if (inside) look();
  else $("email").focus();
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  told(null);
  await signIn($("email").value, $("password").value).then(show, told);
});
$("sign-out").addEventListener("click", async () => { await signOut(); told(null); show(); });
show();
