// What travels over the sockets, as docs/realtime.md tells it.

export type Id = string;
/** RFC 3339, UTC. */
export type Time = string;

export type Namespace = "agents" | "customers";

/** Where a durable event stands: its log, and its number there. */
export interface Meta {
  log: string;
  seq: number;
  id: Id;
  at: Time;
}

export type ConversationStatus = "open" | "bot" | "assigned" | "pending" | "resolved" | "closed";
export type SenderType = "contact" | "agent" | "bot" | "system";
export type MessageStatus =
  | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "read"
  | "failed" | "permanently_failed" | "unknown" | "cancelled";
export type Priority = "low" | "normal" | "high" | "urgent";
export type ChannelType = "sms" | "smpp" | "telegram" | "whatsapp" | "messenger" | "email" | "webchat";
export type Availability = "online" | "away" | "offline";
export type InboxView = "mine" | "unassigned" | "team" | "bot" | "all" | "mentions";

export interface Attachment {
  type: "image" | "video" | "audio" | "document" | "location";
  upload_id?: Id;
  url?: string;
  mime_type?: string;
  file_size?: number;
  filename?: string;
  thumbnail_url?: string;
  caption?: string;
  width?: number;
  height?: number;
  latitude?: number;
  longitude?: number;
}

export interface DeliveryError {
  class: string;
  code: string;
  message: string;
}

export interface ContactBrief {
  id: Id;
  name: string;
  phone: string | null;
  email: string | null;
}

export interface Conversation {
  id: Id;
  conversation_id: Id;
  account_id: Id;
  channel_id: Id;
  channel_type: ChannelType;
  contact_id: Id;
  contact: ContactBrief;
  contact_identifier: string;
  status: ConversationStatus;
  priority: Priority;
  assignee_id: Id | null;
  assignee: { id: Id; name: string } | null;
  team_id: Id | null;
  subject: string | null;
  labels: string[];
  language: string | null;
  bot_state: "active" | "handed_over";
  queued_at: Time | null;
  waiting_since: Time | null;
  first_reply_at: Time | null;
  resolved_at: Time | null;
  csat_rating: number | null;
  last_message_at: Time | null;
  last_message_preview: string | null;
  last_sender_type: SenderType | null;
  unread_count: number;
  head: number;
  version: number;
  created_at: Time;
  updated_at: Time;
}

export interface Message {
  id: Id;
  message_id: Id;
  account_id: Id;
  conversation_id: Id | null;
  channel_id: Id | null;
  contact_id: Id | null;
  direction: "inbound" | "outbound" | "system";
  sender_type: SenderType;
  sender_id: Id | null;
  sender_name: string | null;
  message_body: string;
  content: string;
  content_type: string;
  attachments: Attachment[];
  is_private: boolean;
  status: MessageStatus;
  error: DeliveryError | null;
  seq: number | null;
  client_message_id: Id | null;
  reply_to: Id | null;
  mentions: Id[];
  template_id: Id | null;
  original_template: string | null;
  delivery_address: string;
  metadata: Record<string, unknown>;
  scheduled_at: Time | null;
  sent_at: Time | null;
  delivered_at: Time | null;
  read_at: Time | null;
  failed_at: Time | null;
  created_at: Time;
}

export interface Presence {
  user_id: Id;
  status: Availability;
  since: Time;
}

export interface Queue {
  unassigned_count: number;
  /** Of the one who has waited longest; 0 when nobody waits. */
  oldest_waiting_seconds: number;
  teams: { team_id: Id; unassigned_count: number; oldest_waiting_seconds: number }[];
}

export interface Limits {
  max_packet_bytes: number;
  commands_per_second: number;
  command_burst: number;
  threads: number;
  replay_entries: number;
  replay_seconds: number;
}

export interface Reset {
  log: string;
  reason: "too_old" | "ahead" | "epoch" | "visibility" | (string & {});
  /** Null: the log cannot be read any more. */
  head: number | null;
}

interface HelloOfBoth {
  connection_id: Id;
  epoch: Id;
  head: number | null;
  resumed: boolean;
  server_time: Time;
  limits: Limits;
  degraded: boolean;
}

interface OfConversation {
  conversation_id: Id;
  account_id: Id;
}

/** Events that both namespaces know. */
interface CommonEvents {
  reset: Reset;
  live: { account_id: Id; conversation_id?: Id | null; seq: number | null };
  "auth:expiring": { in_s: number };
  "auth:expired": { reason?: string } | null;
  "server:draining": { reconnect_in_ms: number };
}

// ---------------------------------------------------------------- agents

export interface AgentHello extends HelloOfBoth {
  user: { id: Id; name: string; email: string };
  account_id: Id | null;
  account_ids: Id[];
  permissions: string[] | null;
  presence: Presence[] | null;
  queue: Queue | null;
}

export interface AgentEvents extends CommonEvents {
  hello: AgentHello;
  "feed:position": { account_id: Id; seq: number };
  "conversation:new": Conversation;
  "conversation:updated": Conversation & { changed: string[] };
  "conversation:hidden": OfConversation;
  "notification:assignment": OfConversation & { assignee_id: Id; assigned_by: Id | null; rule_name: string | null; reason: string };
  "notification:mention": OfConversation & { message_id: Id; by: Id };
  "channel:status": { channel_id: Id; account_id: Id; status: string; error_message: string | null };
  "conversation:message": Message;
  "message:status": OfConversation & { message_id: Id; status: MessageStatus; error: DeliveryError | null };
  "queue:update": Queue & { account_id: Id };
  "conversation:typing": OfConversation & {
    typing: boolean; sender_type: SenderType; user_id: Id | null; name: string | null; expires_in_ms: number;
  };
  "conversation:viewers": OfConversation & { viewers: { user_id: Id; name: string }[] };
  "agent:presence": { account_id: Id; agents: Presence[] };
}

export interface NewMessage {
  conversation_id: Id;
  client_message_id?: Id;
  content: string;
  is_private?: boolean;
  attachments?: { upload_id: Id; caption?: string }[];
  mentions?: Id[];
  reply_to?: Id;
  canned_response_id?: Id;
  send_at?: Time;
}

export interface Thread {
  conversation_id: Id;
  account_id: Id;
  conversation: Conversation;
  contact: Record<string, unknown> & ContactBrief;
  contact_online: boolean;
  viewers: { user_id: Id; name: string }[];
  bot_context: Record<string, unknown> | null;
  reply_window: { ends_at: Time | null };
  read_seq: number;
  head: number;
  resumed: boolean;
  entries: Message[];
  has_more: boolean;
}

export interface AgentCommands {
  "account:subscribe": [
    { account_id: Id; since?: number; epoch?: Id },
    { head: number; resumed: boolean; presence: Presence[]; queue: Queue },
  ];
  "account:unsubscribe": [{ account_id: Id }, unknown];
  "inbox:list": [
    { view: InboxView; filter?: Record<string, unknown>; cursor?: string; limit?: number },
    {
      conversations: Conversation[]; next_cursor: string | null;
      counts: Record<string, unknown>; as_of_seq: number;
    },
  ];
  "conversation:join": [{ conversation_id: Id; since?: number }, Thread];
  "conversation:leave": [{ conversation_id: Id }, unknown];
  "conversation:history": [{ conversation_id: Id; before?: number; limit?: number }, { entries: Message[]; has_more: boolean }];
  "message:send": [NewMessage, { message: Message }];
  "message:retry": [{ message_id: Id }, { message: Message }];
  "conversation:assign": [
    { conversation_id: Id; assignee_id?: Id | null; team_id?: Id | null; expected_assignee_id?: Id | null; note?: string },
    { conversation: Conversation },
  ];
  "conversation:status": [{ conversation_id: Id; status: ConversationStatus; note?: string }, { conversation: Conversation }];
  "conversation:update": [
    { conversation_id: Id; labels?: string[]; priority?: Priority; subject?: string | null },
    { conversation: Conversation },
  ];
  "conversation:read": [{ conversation_id: Id; seq: number }, unknown];
  "conversation:typing:start": [{ conversation_id: Id }, unknown];
  "conversation:typing:stop": [{ conversation_id: Id }, unknown];
  "agent:status": [{ status: Availability; account_id?: Id }, { status: Availability }];
  "canned:search": [{ q: string; conversation_id?: Id }, { canned_responses: CannedResponse[] }];
  "auth:refresh": [{ token: string }, { expires_at: Time }];
}

export interface CannedResponse {
  id: Id;
  short_code: string;
  title: string;
  content: string;
  [field: string]: unknown;
}

// ------------------------------------------------------------- customers

export interface PublicAgent {
  name: string;
  avatar_url: string | null;
}

/** Asked when a chat has ended; `rating` is null until it was given. */
export interface Csat {
  question: string;
  scale: number;
  rating: number | null;
}

export interface PublicConversation {
  csat: Csat | null;
  id: Id;
  conversation_id: Id;
  account_id: Id;
  status: ConversationStatus;
  agent: PublicAgent | null;
  head: number;
  created_at: Time;
  resolved_at: Time | null;
}

export interface PublicMessage {
  id: Id;
  message_id: Id;
  account_id: Id;
  conversation_id: Id | null;
  sender_type: SenderType;
  sender: PublicAgent | null;
  message_body: string;
  content: string;
  content_type: string;
  attachments: Attachment[];
  status: MessageStatus;
  seq: number | null;
  client_message_id: Id | null;
  reply_to: Id | null;
  read_at: Time | null;
  created_at: Time;
}

export interface Visitor {
  id: Id;
  name: string | null;
  email: string | null;
  phone: string | null;
  verified: boolean;
}

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

export interface CustomerHello extends HelloOfBoth {
  visitor: Visitor;
  conversation: PublicConversation | null;
  account_id: Id;
  entries: PublicMessage[] | null;
  has_more: boolean | null;
  online: boolean;
  team_name: string;
  welcome: string | null;
  offline_message: string | null;
  pre_chat_form: PreChatForm | null;
}

export interface CustomerEvents extends CommonEvents {
  hello: CustomerHello;
  "conversation:message": PublicMessage;
  "message:status": OfConversation & { message_id: Id; status: MessageStatus };
  "conversation:updated": OfConversation & { status: ConversationStatus; agent: PublicAgent | null; csat: Csat | null };
  "agent:joined": OfConversation & PublicAgent;
  "csat:request": OfConversation & { question: string; scale: number };
  "conversation:typing": OfConversation & { typing: boolean; expires_in_ms: number };
  "queue:position": OfConversation & { position: number | null; estimate_s: number | null };
  "visitor:merged": OfConversation & { visitor: Visitor };
}

export interface Identify {
  id?: string;
  hash?: string;
  jwt?: string;
  name?: string;
  email?: string;
  phone?: string;
  attributes?: Record<string, unknown>;
}

export interface NewVisitorMessage {
  client_message_id?: Id;
  content: string;
  attachments?: { upload_id: Id }[];
  reply_to?: Id;
}

export interface CustomerCommands {
  "message:send": [NewVisitorMessage, { message: PublicMessage; conversation: PublicConversation }];
  "conversation:history": [{ before?: number; limit?: number }, { entries: PublicMessage[]; has_more: boolean }];
  "conversation:typing:start": [Record<string, never>, unknown];
  "conversation:typing:stop": [Record<string, never>, unknown];
  "conversation:read": [{ seq: number }, { seq: number }];
  "visitor:identify": [Identify, { visitor: Visitor; verified: boolean }];
  "visitor:page": [{ url: string; title: string; referrer: string }, unknown];
  "csat:submit": [{ rating: number; comment?: string }, unknown];
  "conversation:close": [Record<string, never>, { conversation: PublicConversation }];
  "auth:refresh": [{ token: string }, { expires_at: Time }];
}

// ------------------------------------------------------------ by namespace

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
