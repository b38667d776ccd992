import { describe, expect, it } from "vitest";

import { measure, segmentsOf } from "./segments";

describe("segmentsOf", () => {
  it("counts a text of the GSM alphabet in septets", () => {
    expect(segmentsOf("")).toEqual({ encoding: "GSM-7", segments: 0, used: 0, left: 160 });
    expect(segmentsOf("a".repeat(160))).toEqual({ encoding: "GSM-7", segments: 1, used: 160, left: 0 });
    expect(segmentsOf("a".repeat(161))).toEqual({ encoding: "GSM-7", segments: 2, used: 161, left: 145 });
    expect(segmentsOf("a".repeat(306)).segments).toBe(2);
    expect(segmentsOf("a".repeat(307)).segments).toBe(3);
  });

  it("counts characters of the extension twice and never cuts one in two", () => {
    expect(segmentsOf("€".repeat(80)).segments).toBe(1);
    expect(segmentsOf("€".repeat(81)).used).toBe(162);
    // 152 septets and a two-septet character do not fit into 153
    expect(segmentsOf("a".repeat(152) + "€" + "a".repeat(152))).toMatchObject({ segments: 3, used: 306 });
  });

  it("counts in UCS-2 as soon as one character is outside of the alphabet", () => {
    expect(segmentsOf("ሰላም")).toEqual({ encoding: "UCS-2", segments: 1, used: 3, left: 67 });
    expect(segmentsOf("ሰ".repeat(70)).segments).toBe(1);
    expect(segmentsOf("ሰ".repeat(71))).toEqual({ encoding: "UCS-2", segments: 2, used: 71, left: 63 });
    expect(segmentsOf("a".repeat(69) + "😀").segments).toBe(2);
    // 66 units and a pair do not fit into 67
    expect(segmentsOf("ሰ".repeat(66) + "😀" + "ሰ".repeat(66)).segments).toBe(3);
  });
});

describe("measure", () => {
  it("counts as the channel does", () => {
    expect(measure("a😀", "chars")).toBe(2);
    expect(measure("a😀", "utf16")).toBe(3);
    expect(measure("a😀", "bytes")).toBe(5);
  });
});
