// What travels over the sockets: the hub's own document (wire.gen.ts), under the names that clients use.

import type * as wire from "./wire.gen";

type Schemas = wire.Schemas;

export type Id = string;
/** RFC 3339, UTC. */
export type Time = string;
export type Namespace = "agents" | "customers";

/** Where a durable event stands: its log, and its number there. */
export type Meta = Schemas["Meta"];
export type Reset = Schemas["Reset"];
export type Limits = Schemas["Limits"];

export type ConversationStatus = Schemas["ConversationStatus"];
export type SenderType = Schemas["SenderType"];
/** `read` is told as one, although a message keeps it as `read_at`. */
export type MessageStatus = wire.AgentEvents["message:status"]["status"] | Schemas["MessageStatus"];
export type Priority = Schemas["Priority"];
export type ChannelType = Schemas["ChannelType"];
export type Availability = Schemas["AgentStatus"];
export type InboxView = Schemas["ListView"];

export type Attachment = Schemas["Attachment"];
export type DeliveryError = Schemas["DeliveryError"];
export type ContactBrief = Schemas["ContactBrief"];
export type Conversation = Schemas["ConversationView"];
/** With what has become of it since it was read. */
export type Message = Omit<Schemas["MessageView"], "status"> & { status: MessageStatus };
export type Presence = Schemas["Seen"];
export type Queue = Omit<Schemas["QueueView"], "account_id">;
export type Thread = Schemas["Thread"];
export type CannedResponse = Schemas["CannedHits"]["canned_responses"][number];
/** Its id is given by the outbox. */
export type NewMessage = Omit<Schemas["SendMessage"], "client_message_id"> & { client_message_id?: Id };
export type Counts = Schemas["ViewCounts"];

export type PublicAgent = Schemas["PublicAgent"];
/** Asked when a chat has ended; `rating` is null until it was given. */
export type Csat = Schemas["Csat"];
export type PublicConversation = Schemas["PublicConversation"];
export type PublicMessage = Omit<Schemas["PublicMessage"], "status"> & { status: MessageStatus };
export type Visitor = Schemas["VisitorView"];
export type Identify = Schemas["IdentifyCommand"];
export type NewVisitorMessage = Omit<Schemas["VisitorMessage"], "client_message_id"> & { client_message_id?: Id };

/** A setting of the channel, which the document of the sockets leaves open. */
export interface PreChatForm {
  enabled: boolean;
  fields: PreChatField[];
}

export interface PreChatField {
  name: string;
  label: string;
  required?: boolean;
  type?: "text" | "email" | "phone" | "textarea" | "select";
  options?: string[];
}

export type AgentHello = wire.AgentEvents["hello"];
export type CustomerHello = Omit<wire.CustomerEvents["hello"], "pre_chat_form"> & { pre_chat_form: PreChatForm | null };

/** `E` but for the events that are named anew. */
type But<E, Anew> = Omit<E, keyof Anew> & Anew;

export type AgentEvents = But<wire.AgentEvents, { "conversation:message": Message }>;
export type CustomerEvents = But<
  wire.CustomerEvents,
  { hello: CustomerHello; "conversation:message": PublicMessage }
>;

export type AgentCommands = But<
  wire.AgentCommands,
  {
    // this client joins threads one at a time
    "conversation:join": { payload: { conversation_id: Id; since?: number }; data: Thread };
    "message:send": { payload: NewMessage; data: { message: Message } };
  }
>;
export type CustomerCommands = But<
  wire.CustomerCommands,
  {
    "message:send": {
      payload: NewVisitorMessage;
      data: { message: PublicMessage; conversation: PublicConversation };
    };
  }
>;

export interface EventsOf {
  agents: AgentEvents;
  customers: CustomerEvents;
}

export interface CommandsOf {
  agents: AgentCommands;
  customers: CustomerCommands;
}

/** What a client says besides its token; the positions are added by the connection. */
export interface Credentials {
  token: string;
  /** `/agents`: the account whose feed is joined. */
  account_id?: Id;
}
