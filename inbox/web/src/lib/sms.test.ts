import { expect, test } from "vitest";

import { smsLength } from "./sms";

test.each([
  ["", "gsm7", 1, 160],
  ["a".repeat(160), "gsm7", 1, 0],
  ["a".repeat(161), "gsm7", 2, 145],
  ["a".repeat(307), "gsm7", 3, 152],
  ["€".repeat(80), "gsm7", 1, 0],
  // the escape pair does not fit into the one septet that is left
  ["€".repeat(81), "gsm7", 2, 143],
  ["ж".repeat(70), "ucs2", 1, 0],
  ["ж".repeat(71), "ucs2", 2, 63],
  ["😀".repeat(36), "ucs2", 2, 61],
  ["ሰላም", "ucs2", 1, 67],
  ["a\tb", "ucs2", 1, 67],
])("%j is %s in %i", (text, encoding, segments, left) => {
  expect(smsLength(text)).toEqual({ encoding, segments, left });
});
