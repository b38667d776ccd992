import { expect, test } from "vitest";

import type { Schemas } from "@/api/client";
import { fillIn, written } from "./approved";

const template = (body: string, variables: string[]) =>
  ({ name: "order_update", language: "en_US", body, variables }) as Schemas["TemplateView"];

test("numbered parameters go in their order, whatever the order in the text", () => {
  const filled = fillIn(template("{PARAM_2} for {PARAM_1}", ["PARAM_2", "PARAM_1"]), {
    PARAM_1: "Almaz",
    PARAM_2: "Coffee",
  });
  expect(filled.content).toBe("Coffee for Almaz");
  expect(filled.template).toEqual({ name: "order_update", language: "en_US", body: ["Almaz", "Coffee"] });
});

test("named parameters go by the provider's names", () => {
  const filled = fillIn(template('Dear {{ contact.name | default: "you" }}, {ORDER}', ["contact.name", "ORDER"]), {
    "contact.name": "Almaz",
    ORDER: "12",
  });
  expect(filled.content).toBe("Dear Almaz, 12");
  expect(filled.template.body).toEqual({ contact_name: "Almaz", order: "12" });
});

test("a variable is written as templates write it", () => {
  expect([written("contact.name"), written("ORDER"), written("order")]).toEqual([
    "{{ contact.name }}",
    "{ORDER}",
    "{{ order }}",
  ]);
});
