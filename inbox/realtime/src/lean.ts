// A client for one Socket.IO namespace (protocol 5 over Engine.IO 4, text alone) of a tenth of the stock client's
// weight, for the widget: the stock one alone would take half of what a page may be asked to load. It does no more
// than the connection above it needs: that one decides when to connect and what to send again.

import type { SocketLike } from "./connection";
import { Emitter } from "./emitter";

interface Transport {
  send(packet: string): void;
  close(): void;
}

interface Ends {
  packet(text: string): void;
  closed(): void;
}

type Answer = (error: unknown, told: unknown) => void;

/** Socket.IO's words for why a connection ended. */
const OURS = "io client disconnect";
const THEIRS = "io server disconnect";
const LOST = "transport close";
/** Packets of one poll are told apart by it. */
const RECORD = "\x1e";

export class LeanSocket implements SocketLike {
  connected = false;
  auth: unknown;
  readonly #emitter = new Emitter();
  readonly #any = new Set<(event: string, ...args: unknown[]) => void>();
  readonly #answers = new Map<number, Answer>();
  readonly #hub: string;
  readonly #namespace: string;
  #transport: Transport | undefined;
  #next = 0;
  #patience = 45_000;
  #watch: ReturnType<typeof setTimeout> | undefined;
  /** Polling stands in where WebSockets never came through. */
  #polls = false;
  #cameThrough = false;

  constructor(url: string) {
    const { origin, pathname } = new URL(url);
    this.#hub = `${origin}/socket.io/?EIO=4&transport=`;
    this.#namespace = `${pathname},`;
  }

  on(event: string, handler: (...args: never[]) => void): void {
    this.#emitter.on(event, handler);
  }

  onAny(handler: (event: string, ...args: unknown[]) => void): void {
    this.#any.add(handler);
  }

  connect(): void {
    if (this.#transport) return;
    const open = this.#polls ? polling : webSocket;
    const transport = open(this.#hub, {
      packet: (text) => this.#transport === transport && this.#read(text),
      closed: () => this.#transport === transport && this.#end(LOST),
    });
    this.#transport = transport;
  }

  disconnect(): void {
    if (this.connected) this.#transport?.send(`41${this.#namespace}`);
    if (this.#transport) this.#end(OURS);
  }

  timeout(ms: number) {
    return {
      emit: (event: string, payload: unknown, answer: Answer): void => {
        const number = this.#next++;
        const timer = setTimeout(() => this.#answers.get(number)?.(new Error("timeout"), undefined), ms);
        this.#answers.set(number, (error, told) => {
          clearTimeout(timer);
          this.#answers.delete(number);
          answer(error, told);
        });
        if (this.connected) this.#transport!.send(`42${this.#namespace}${number}${JSON.stringify([event, payload])}`);
        else this.#answers.get(number)!(new Error("not connected"), undefined);
      },
    };
  }

  #read(packet: string): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#end(LOST), this.#patience);
    const type = packet[0];
    if (type === "0") {
      const { pingInterval, pingTimeout } = JSON.parse(packet.slice(1)) as { pingInterval: number; pingTimeout: number };
      this.#patience = pingInterval + pingTimeout;
      this.#cameThrough ||= !this.#polls;
      this.#transport!.send(`40${this.#namespace}${JSON.stringify(this.auth ?? {})}`);
    } else if (type === "1") {
      this.#end(LOST);
    } else if (type === "2") {
      this.#transport!.send("3");
    } else if (type === "4") {
      this.#message(packet);
    }
  }

  #message(packet: string): void {
    if (!packet.startsWith(this.#namespace.slice(0, -1), 2)) return;
    const rest = packet.slice(1 + this.#namespace.length).replace(/^,/, "");
    const number = /^\d*/.exec(rest)![0];
    const body: unknown = rest.length > number.length ? JSON.parse(rest.slice(number.length)) : undefined;
    switch (packet[1]) {
      case "0":
        this.connected = true;
        this.#emitter.emit("connect");
        break;
      case "1":
        this.#end(THEIRS);
        break;
      case "2":
        for (const handler of this.#any) handler(...(body as [string, ...unknown[]]));
        break;
      case "3":
        this.#answers.get(Number(number))?.(null, (body as unknown[])[0]);
        break;
      case "4":
        this.#end(OURS);
        this.#emitter.emit("connect_error", new Error((body as { message: string }).message));
        break;
    }
  }

  #end(reason: string): void {
    const wasConnected = this.connected;
    const transport = this.#transport;
    this.connected = false;
    this.#transport = undefined;
    clearTimeout(this.#watch);
    transport?.close();
    for (const answer of [...this.#answers.values()]) answer(new Error("disconnected"), undefined);
    if (wasConnected) {
      this.#emitter.emit("disconnect", reason);
    } else if (reason !== OURS) {
      // whatever stands between may take one of the two and not the other
      this.#polls = !this.#cameThrough && !this.#polls;
      this.#emitter.emit("connect_error", new Error(reason));
    }
  }
}

function webSocket(hub: string, { packet, closed }: Ends): Transport {
  const socket = new WebSocket(hub.replace(/^http/, "ws") + "websocket");
  socket.onmessage = ({ data }) => packet(String(data));
  socket.onclose = closed;
  return { send: (text) => socket.send(text), close: () => socket.close() };
}

function polling(hub: string, { packet, closed }: Ends): Transport {
  const abort = new AbortController();
  let address = `${hub}polling`;
  let sending = Promise.resolve();
  const ask = async (body?: string): Promise<string> => {
    const answer = await fetch(address, { signal: abort.signal, credentials: "omit", cache: "no-store", ...(body && { method: "POST", body }) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.text();
  };
  const lost = () => {
    if (!abort.signal.aborted) closed();
  };
  const listen = async () => {
    while (!abort.signal.aborted) {
      for (const text of (await ask()).split(RECORD)) {
        if (text[0] === "0") address += `&sid=${(JSON.parse(text.slice(1)) as { sid: string }).sid}`;
        packet(text);
      }
    }
  };
  listen().catch(lost);
  return {
    send(text) {
      // one after the other: the order of packets is that of the requests
      sending = sending.then(() => ask(text)).then(() => {}, lost);
    },
    close() {
      // what was said last still goes out
      void sending.finally(() => abort.abort());
    },
  };
}
