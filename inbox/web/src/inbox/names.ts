import type { Conversation } from "@turumba/realtime";

/** Whom a conversation is with, as far as anybody knows. */
export const contactName = (one: Conversation): string =>
  one.contact.name.trim() || one.contact.phone || one.contact.email || one.contact_identifier;
