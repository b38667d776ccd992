// A client for one Socket.IO namespace (protocol 5 over Engine.IO 4, WebSocket only), as small as the hub's own
// demo pages need it. Programs and web sites use a stock client.

// `auth` is asked for the credentials at every attempt to connect.
export function connect(namespace, auth) {
  const listeners = new Map();
  const waiting = new Map(); // number of a command -> its promise
  let ws = null, sid = null, next = 0, attempt = 0, timer = 0, watch = 0, patience = 45_000, closed = false;

  const fire = (name, ...args) => (listeners.get(name) || []).forEach((each) => each(...args));
  const send = (packet) => ws?.readyState === WebSocket.OPEN && ws.send(packet);
  const alive = () => { clearTimeout(watch); watch = setTimeout(() => ws?.close(), patience); };

  function open() {
    clearTimeout(timer);
    if (closed || ws) return;
    fire("state", "connecting");
    const address = new URL("/socket.io/?EIO=4&transport=websocket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    ws = new WebSocket(address);
    ws.onmessage = ({ data }) => { alive(); read(String(data)); };
    ws.onclose = lost;
    alive();
  }

  function lost() {
    clearTimeout(watch);
    ws = null; sid = null;
    for (const { refuse } of waiting.values()) refuse(new Error("the connection was lost"));
    waiting.clear();
    if (closed) return;
    fire("state", "waiting");
    attempt += 1;
    timer = setTimeout(open, (0.5 + Math.random() / 2) * Math.min(30_000, 1000 * 2 ** Math.min(attempt - 1, 5)));
  }

  function read(packet) {
    const engine = packet[0];
    if (engine === "2") return send("3"); // ping, pong
    if (engine === "0") {
      const told = JSON.parse(packet.slice(1));
      patience = told.pingInterval + told.pingTimeout;
      return Promise.resolve(auth()).then((given) => send(`40${namespace},${JSON.stringify(given)}`), (error) => {
        fire("refused", error.message);
        ws?.close();
      });
    }
    if (engine !== "4" || !packet.startsWith(namespace, 2)) return undefined;
    const [, type] = packet;
    const rest = packet.slice(2 + namespace.length).replace(/^,/, "");
    const number = /^\d+/.exec(rest)?.[0] ?? "";
    const body = rest.length > number.length ? JSON.parse(rest.slice(number.length)) : null;
    if (type === "0") { sid = body.sid; attempt = 0; fire("state", "connected"); }
    if (type === "1") ws?.close();
    if (type === "2") fire(...body);
    if (type === "3") {
      const command = waiting.get(Number(number));
      waiting.delete(Number(number));
      const answer = body?.[0];
      if (answer?.ok) command?.done(answer.data);
      else command?.refuse(Object.assign(new Error(answer?.error?.message || "refused"), answer?.error));
    }
    if (type === "4") { fire("refused", body?.message || "refused"); ws?.close(); }
    return undefined;
  }

  addEventListener("online", () => { attempt = 0; open(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { attempt = 0; open(); } });
  queueMicrotask(open);
  return {
    on(name, each) { listeners.set(name, [...(listeners.get(name) || []), each]); return this; },
    // Sends a command; resolves with the `data` of its acknowledgement.
    emit(name, payload = {}) {
      if (!sid) return Promise.reject(new Error("not connected"));
      const number = next++;
      send(`42${namespace},${number}${JSON.stringify([name, payload])}`);
      return new Promise((done, refuse) => waiting.set(number, { done, refuse }));
    },
    close() { closed = true; clearTimeout(timer); clearTimeout(watch); ws?.close(); },
  };
}
