// The chat's state, and everything that changes it.

import {
  CommandError, connectCustomers, type CustomerConnection, type CustomerHello, type NewVisitorMessage, type Outgoing,
  type PreChatForm, type PublicAgent, type PublicConversation, type PublicMessage, type SocketLike, type State as Link, type Visitor,
} from "@turumba/realtime";

import type { Attributes, Identity, Settings, Theme } from "../shared/api";
import type { Init, Page, ToFrame, ToLoader } from "../shared/port";
import { Attachments } from "./attachments";
import { Texts } from "./i18n";
import { Kept, OUT } from "./kept";
import { ask, Refused, Session, type About } from "./session";
import { isOwn, items, merge, unseen, type Item, type Line } from "./thread";

export interface Look {
  online: boolean;
  team_name: string;
  welcome: string | null;
  offline_message: string | null;
  pre_chat_form: PreChatForm | null;
}

const TYPING_EVERY = 3_000;

export class Chat {
  readonly settings: Settings;
  readonly kept: Kept;
  readonly texts: Texts;
  readonly session: Session;
  readonly attachments: Attachments;
  connection: CustomerConnection;

  /** Nothing is known before the first greeting. */
  look: Look | undefined;
  link: Link = "connecting";
  visitor: Visitor | undefined;
  conversation: PublicConversation | undefined;
  messages: PublicMessage[] = [];
  lines: Line[] = [];
  hasOlder = false;
  /** Who is typing. */
  typing: string | undefined;
  place: number | undefined;
  isOpen: boolean;
  /** The hub does not know this chat, or has switched it off. */
  isUnavailable = false;

  readonly #about: About;
  readonly #changed: () => void;
  readonly #say: (...message: ToLoader) => void;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #typed = 0;
  #typingStops: ReturnType<typeof setTimeout> | undefined;
  #told = 0;
  #loading = false;

  constructor(init: Init, port: MessagePort, changed: () => void, readonly pretends?: SocketLike) {
    const { settings, page, identity, attributes } = init;
    this.settings = settings;
    this.isOpen = init.isOpen;
    this.#changed = changed;
    this.#say = (...message) => port.postMessage(message);
    this.texts = new Texts(settings.texts);
    this.kept = new Kept(init.kept, (key, value) => this.#say("keep", key, value));
    this.#about = { key: settings.key, kept: this.kept, page, locale: settings.locale ?? "en", identity, attributes };
    this.session = new Session(this.#about);
    this.session.onrefused = (message) => this.#say("tell", "error", { code: "identity_refused", message });
    this.session.onidentified = (verified) => this.#say("tell", "identified", { verified });
    this.attachments = new Attachments(this.session, changed);
    this.connection = this.#connect();
    port.onmessage = ({ data }) => this.#hear(data as ToFrame);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  // -------------------------------------------------------------- what is shown

  get items(): Item[] {
    // lines of pages that are not loaded wait for them
    const first = this.hasOlder ? this.messages[0]?.seq ?? 0 : 0;
    return items(this.messages, this.lines.filter(({ seq }) => seq > first), this.connection.outbox.entries);
  }

  get agent(): PublicAgent | undefined {
    return this.conversation?.agent ?? this.messages.findLast((message) => message.sender_type === "agent")?.sender ?? undefined;
  }

  get isEnded(): boolean {
    return ["resolved", "closed"].includes(this.conversation?.status ?? "");
  }

  /** The questions that stand before the first message, without those whose answers are known. */
  get form(): PreChatForm["fields"] {
    const { look, visitor } = this;
    if (!look?.pre_chat_form?.enabled || this.conversation || this.messages.length || this.kept.get("form") || this.connection.outbox.entries.length) return [];
    return look.pre_chat_form.fields.filter(({ name }) => !visitor?.[name as "name" | "email" | "phone"]);
  }

  get draft(): string {
    return this.kept.get("draft") ?? "";
  }

  // ------------------------------------------------------------- what is done

  send(content: string): void {
    const files = this.attachments.take();
    if (!content && !files.length) return;
    this.connection.outbox.add({ content, ...(files.length && { attachments: files.map((upload_id) => ({ upload_id })) }) });
    this.kept.put("active", this.conversation?.id ?? "1");
    this.setDraft("");
    this.#typed = 0;
    clearTimeout(this.#typingStops);
  }

  setDraft(text: string): void {
    this.kept.put("draft", text || null);
    if (text && this.conversation && Date.now() - this.#typed > TYPING_EVERY && this.connection.isReady) {
      this.#typed = Date.now();
      void this.#quietly("conversation:typing:start");
    }
    clearTimeout(this.#typingStops);
    if (this.#typed) {
      this.#typingStops = setTimeout(() => {
        this.#typed = 0;
        void this.#quietly("conversation:typing:stop");
      }, TYPING_EVERY);
    }
  }

  /** Answers to the form: what the hub knows by name, and the rest as attributes. */
  async answer(given: Record<string, string>): Promise<void> {
    const { name, email, phone, ...rest } = given;
    const about = { ...(name && { name }), ...(email && { email }), ...(phone && { phone }), ...(Object.keys(rest).length && { attributes: rest }) };
    const { visitor } = await this.connection.command("visitor:identify", about);
    this.visitor = visitor;
    this.kept.put("form", "1");
    this.#changed();
  }

  async rate(rating: number, comment: string): Promise<void> {
    await this.connection.command("csat:submit", { rating, ...(comment && { comment }) });
    const { csat } = this.conversation ?? {};
    if (csat) this.#converse({ ...this.conversation!, csat: { ...csat, rating } });
  }

  async end(): Promise<void> {
    const { conversation } = await this.connection.command("conversation:close", {});
    this.#converse(conversation);
  }

  async older(): Promise<void> {
    const before = this.messages[0]?.seq;
    if (!before || this.#loading) return;
    this.#loading = true;
    try {
      const { entries, has_more } = await this.connection.command("conversation:history", { before, limit: 50 });
      this.messages = merge(this.messages, entries);
      this.hasOlder = has_more;
    } catch (error) {
      // without a connection the button stays, and can be tried again
      if (!(error instanceof CommandError)) throw error;
    } finally {
      this.#loading = false;
      this.#changed();
    }
  }

  close(): void {
    this.#say("close");
  }

  // --------------------------------------------------------------- the connection

  #connect(): CustomerConnection {
    const connection = connectCustomers({
      url: location.origin,
      store: this.kept.outbox(),
      ...(this.pretends && { socket: () => this.pretends! }),
      auth: ({ renew }) => this.pretends ? { token: "" } : this.session.token(renew).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) this.#unavailable(error.message);
        throw error;
      }),
    });
    connection.on("state", (state) => {
      this.link = state;
      this.#changed();
    });
    connection.on("hello", (hello) => this.#greeted(hello));
    connection.on("conversation:message", (message, meta) => this.#receive({ ...message, seq: message.seq ?? meta.seq }));
    connection.on("message:status", ({ message_id, status }) => {
      this.messages = this.messages.map((message) => message.id === message_id ? { ...message, status } : message);
      this.#changed();
    });
    connection.on("conversation:updated", ({ status, agent, csat }, meta) => {
      if (!this.conversation) return;
      if (status === "resolved" && this.conversation.status !== status) this.#line({ seq: meta.seq, at: meta.at });
      this.#converse({ ...this.conversation, status, agent, csat });
    });
    connection.on("agent:joined", ({ name }, meta) => {
      this.place = undefined;
      this.#line({ seq: meta.seq, at: meta.at, joined: name });
    });
    connection.on("csat:request", ({ question, scale }) => {
      if (this.conversation) this.#converse({ ...this.conversation, csat: { question, scale, rating: null } });
    });
    connection.on("conversation:typing", ({ typing, expires_in_ms }) => this.#typist(typing, expires_in_ms));
    connection.on("queue:position", ({ position }) => {
      this.place = position ?? undefined;
      this.#changed();
    });
    connection.on("visitor:merged", ({ visitor }) => {
      this.visitor = visitor;
      this.#changed();
    });
    connection.outbox.onChange(this.#changed);
    connection.outbox.onSent((_, { message, conversation }) => {
      this.#converse(conversation);
      this.#receive(message);
    });
    return connection;
  }

  #greeted(hello: CustomerHello): void {
    this.look = hello;
    this.visitor = hello.visitor;
    this.typing = this.place = undefined;
    if (!hello.resumed) {
      this.messages = hello.entries ?? [];
      this.hasOlder = hello.has_more ?? false;
      this.lines = this.kept.lines(hello.conversation?.id);
    }
    if (hello.conversation) this.#converse(hello.conversation);
    else this.conversation = undefined;
    for (const message of this.messages) this.connection.outbox.confirm(message.client_message_id);
    this.#look();
  }

  #converse(conversation: PublicConversation): void {
    const before = this.conversation;
    this.conversation = conversation;
    this.kept.put("active", conversation.status === "closed" ? null : conversation.id);
    if (this.isEnded) this.place = this.typing = undefined;
    if (before?.status !== conversation.status || before?.id !== conversation.id) {
      this.#say("tell", "conversation", { id: conversation.id, status: conversation.status });
    }
    this.#changed();
  }

  #receive(message: PublicMessage): void {
    const isNew = !this.messages.some(({ id }) => id === message.id);
    this.messages = merge(this.messages, [message]);
    if (isNew && !isOwn(message)) {
      this.#typist(false, 0);
      this.#say("tell", "message", { id: message.id, text: message.content, name: message.sender?.name ?? null, at: message.created_at });
    }
    this.#look();
  }

  #line(line: Line): void {
    // another tab has kept it already when it comes here, too
    if (this.lines.some(({ seq }) => seq === line.seq)) return;
    this.lines = [...this.lines, line];
    if (this.conversation) this.kept.putLines(this.conversation.id, this.lines);
    this.#changed();
  }

  #typist(typing: boolean, lasts: number): void {
    clearTimeout(this.#typingEnds);
    this.typing = typing ? this.agent?.name ?? this.texts.t("they") : undefined;
    if (typing) this.#typingEnds = setTimeout(() => this.#typist(false, 0), lasts);
    this.#changed();
  }

  /** What the visitor has before their eyes is read; what they have not is counted at the launcher. */
  #look(): void {
    const head = this.messages.at(-1)?.seq ?? 0;
    const read = () => Number(this.kept.get("read")?.split(" ")[0] === this.conversation?.id ? this.kept.get("read")?.split(" ")[1] : 0);
    if (this.isOpen && !document.hidden) {
      if (unseen(this.messages, read()).length && this.conversation) {
        this.kept.put("read", `${this.conversation.id} ${head}`);
        void this.#quietly("conversation:read", { seq: head });
      }
    }
    const news = unseen(this.messages, read());
    const newest = news.at(-1);
    const { t } = this.texts;
    if (news.length !== this.#told) {
      this.#say("tell", "unread", { count: news.length });
      this.#say("unread", {
        count: news.length,
        label: t("launcher_unread", { n: news.length }),
        dismiss: t("preview_dismiss"),
        ...(newest && news.length > this.#told && { preview: `${newest.sender?.name ?? t("they")}: ${newest.content || t("file")}`.slice(0, 160) }),
      });
      this.#told = news.length;
    }
    this.#changed();
  }

  /** Something that needs no answer, and is no matter if it is lost. */
  async #quietly(name: "conversation:typing:start" | "conversation:typing:stop" | "conversation:read" | "visitor:page", payload: object = {}): Promise<void> {
    if (this.connection.isReady) await this.connection.command(name, payload as never).catch(() => {});
  }

  #unavailable(message: string): void {
    this.isUnavailable = true;
    this.connection.close();
    this.#say("tell", "error", { code: "unavailable", message });
    this.#changed();
  }

  // ---------------------------------------------------------- the page, and other tabs

  #hear(told: ToFrame): void {
    switch (told[0]) {
      case "open":
        this.isOpen = told[1];
        this.#visit(told[2]);
        this.#look();
        break;
      case "identify":
        void this.#identify(told[1]);
        break;
      case "attributes":
        void this.#attributes(told[1]);
        break;
      case "locale":
        this.#about.locale = this.settings.locale = told[1];
        void this.translate();
        break;
      case "theme":
        this.setTheme(told[1]);
        break;
      case "kept":
        if (this.kept.learn(told[1], told[2])) this.#otherTab(told[1], told[2]);
        break;
      case "reset":
        this.kept.clear();
        this.#startAnew();
        break;
    }
  }

  async translate(): Promise<void> {
    await this.texts.use(this.settings.locale ?? "en");
    document.documentElement.lang = this.texts.locale;
    document.documentElement.dir = this.settings.dir ?? this.texts.direction;
    this.#changed();
  }

  setTheme(theme: Theme): void {
    this.settings.theme = theme;
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }

  /** The visitor has moved on to another page of the site, or it is long since anybody asked who is there. */
  #visit(page: Page): void {
    if (page.url !== this.#about.page.url) void this.#quietly("visitor:page", page);
    this.#about.page = page;
    if (this.isOpen && this.look) {
      ask<Look>(this.session.path).then(({ online }) => {
        this.look = { ...this.look!, online };
        this.#changed();
      }, () => {});
    }
  }

  async #identify(identity: Identity): Promise<void> {
    this.#about.identity = identity;
    if (!this.connection.isReady) return this.session.drop();
    try {
      const { visitor, verified } = await this.connection.command("visitor:identify", identity);
      this.visitor = visitor;
      this.#say("tell", "identified", { verified });
      this.#changed();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.details["reason"] === "identity_changed") {
        this.kept.put("visitor", null);
        this.#startAnew();
      } else if (error.code === "unauthorized" || error.code === "forbidden") {
        this.#about.identity = undefined;
        this.#say("tell", "error", { code: "identity_refused", message: error.message });
      } else {
        // said again with the next session
        this.session.drop();
      }
    }
  }

  async #attributes(attributes: Attributes): Promise<void> {
    this.#about.attributes = { ...this.#about.attributes, ...attributes };
    if (this.connection.isReady) await this.connection.command("visitor:identify", { attributes }).catch(() => this.session.drop());
    else this.session.drop();
  }

  /** Another tab has changed something. */
  #otherTab(key: string, value: string | null): void {
    if (key === "visitor" && !value) {
      this.kept.clear();
      this.#startAnew();
    } else if (key.startsWith(OUT)) {
      if (value) this.connection.outbox.reload();
      else this.connection.outbox.confirm(key.slice(OUT.length));
    } else if (key === "visitor") {
      this.session.drop();
      this.connection.restart("another tab began");
    } else if (key === "active" && value && value !== "1" && value !== this.conversation?.id) {
      this.connection.restart("another tab wrote first");
    }
    this.#look();
  }

  /** As somebody else: what was known and shown is forgotten. */
  #startAnew(): void {
    this.connection.close();
    this.session.drop();
    this.#about.identity = undefined;
    this.#about.attributes = undefined;
    this.messages = this.lines = [];
    this.look = this.visitor = this.conversation = this.typing = this.place = undefined;
    this.hasOlder = false;
    this.attachments.clear();
    this.link = "connecting";
    this.connection = this.#connect();
    this.#look();
  }

  retry(entry: Outgoing<NewVisitorMessage>): void {
    this.connection.outbox.retry(entry.client_message_id);
  }

  discard(entry: Outgoing<NewVisitorMessage>): void {
    this.connection.outbox.discard(entry.client_message_id);
  }
}
