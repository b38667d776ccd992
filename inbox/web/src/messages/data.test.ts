import { expect, test } from "vitest";

import { misfit, standingOf, type Message } from "./data";

test("an address fits the channel it is written on", () => {
  for (const type of ["sms", "smpp", "whatsapp"]) {
    for (const good of ["+251911234567", "0911 23 45 67", "8080", "+1 (555) 010-2030"]) expect(misfit(good, type)).toBeNull();
    for (const bad of ["no number", "+", "12", "me@abol.example", "+25191123456789012345678901"]) expect(misfit(bad, type)).toBe("phone");
  }
  expect(misfit("me@abol.example", "email")).toBeNull();
  for (const bad of ["me", "me@abol", "me you@abol.example", "+251911234567"]) expect(misfit(bad, "email")).toBe("email");
  // what others call their people has no form that we know, and without a channel there is nothing to fit
  for (const type of ["telegram", "messenger", undefined]) expect(misfit("anything at all", type)).toBeNull();
});

test("only what we sent stands somewhere", () => {
  const of = (more: Partial<Message>) => standingOf({ direction: "outbound", status: "sent", read_at: null, ...more } as Message);
  expect(of({})).toBe("sent");
  expect(of({ status: "delivered", read_at: "2026-01-01T00:00:00Z" })).toBe("read");
  expect(of({ direction: "inbound", status: "delivered" })).toBeNull();
  expect(of({ direction: "system" })).toBeNull();
});
