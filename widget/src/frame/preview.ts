// A chat that only looks like one: for whoever sets its looks and texts, with nothing behind it.
import type { PublicConversation, PublicMessage, SocketLike } from "@turumba/realtime";

import type { Preview } from "../shared/port";

const ID = "00000000-0000-0000-0000-000000000000";

function hello({ agent, said, ...look }: Preview) {
  const now = new Date().toISOString();
  const sender = agent ? { name: agent, avatar_url: null } : null;
  const conversation: PublicConversation = {
    id: ID, conversation_id: ID, account_id: ID, status: agent ? "assigned" : "open", agent: sender, head: said.length,
    created_at: now, resolved_at: null, csat: null,
  };
  const entries = said.map(({ own, text }, at): PublicMessage => ({
    id: `${ID}${at}`, message_id: ID, account_id: ID, conversation_id: ID, sender_type: own ? "contact" : "agent",
    sender: own ? null : sender, message_body: text, content: text, content_type: "text", attachments: [], status: "delivered",
    seq: at + 1, client_message_id: null, reply_to: null, read_at: now, created_at: now,
  }));
  return {
    ...look, visitor: { id: ID, name: null, email: null, phone: null, verified: false }, epoch: ID, account_id: ID, resumed: false,
    conversation: said.length ? conversation : null, head: said.length ? said.length : null, entries, has_more: false,
  };
}

/** A socket that greets, and refuses everything. */
export function pretend(preview: Preview): SocketLike {
  let hear: (event: string, ...args: unknown[]) => void = () => {};
  const refused = { ok: false, error: { code: "forbidden", message: "", details: {} } };
  return {
    connected: true,
    auth: undefined,
    connect() {
      hear("hello", hello(preview));
      hear("live", { account_id: ID, conversation_id: null, seq: null });
    },
    disconnect: () => {},
    on: () => {},
    onAny: (handler) => (hear = handler),
    timeout: () => ({ emit: (_name, _payload, answer) => answer(null, refused) }),
  };
}
