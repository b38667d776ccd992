import { describe, expect, it } from "vitest";

import { atWord, fill, mentioned, slashWord, unfilled } from "./variables";

describe("unfilled", () => {
  it("finds what nobody filled in, each once", () => {
    expect(unfilled("Hi {{ contact.name }}, {{contact.name|upper}} {ORDER_ID} {not} {{ }}")).toEqual([
      "contact.name",
      "ORDER_ID",
    ]);
    expect(unfilled("Hello Abebe")).toEqual([]);
  });
});

describe("slashWord", () => {
  it("is a slash at the beginning or after a space, up to the caret", () => {
    expect(slashWord("/he", 3)).toEqual({ from: 0, q: "he" });
    expect(slashWord("so /", 4)).toEqual({ from: 3, q: "" });
    expect(slashWord("and/or", 6)).toBeNull();
    expect(slashWord("/hello there", 12)).toBeNull();
    expect(slashWord("/hello there", 3)).toEqual({ from: 0, q: "he" });
  });
});

describe("fill", () => {
  it("puts the response in place of the word and the caret behind it", () => {
    const { from } = slashWord("well, /he!", 9)!;
    expect(fill("well, /he!", from, 9, "hello")).toEqual({ text: "well, hello!", caret: 11 });
  });
});

describe("mentions", () => {
  it("finds the word behind an at sign", () => {
    expect(atWord("ask @Ha", 7)).toEqual({ from: 4, q: "Ha" });
    expect(atWord("a@b", 3)).toBeNull();
  });

  it("knows colleagues by their whole names", () => {
    const agents = [
      { id: "1", name: "Ann" },
      { id: "2", name: "Anna Bekele" },
    ];
    expect(mentioned("see @anna bekele", agents)).toEqual(["2"]);
    expect(mentioned("see @Ann and @Anna Bekele", agents).sort()).toEqual(["1", "2"]);
    expect(mentioned("nobody", agents)).toEqual([]);
  });
});
