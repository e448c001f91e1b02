import fc from "fast-check";
import { expect, it } from "vitest";
import { createDecoder, type Key, keysOf } from "./keys.ts";

const names = (text: string) =>
  keysOf(text).keys.map(({ name, text: typed }) => (typed === "" ? name : `${name} ${typed}`));

it.each([
  ["a", ["char a"]],
  ["日🙂", ["char 日", "char 🙂"]],
  ["\r", ["enter"]],
  ["\n", ["enter"]],
  ["\u0003", ["leave"]],
  ["\u001b[A\u001bOB\u001b[5~", ["up", "down", "page-up"]],
  ["\u001b[1;5C", ["other"]],
  ["\u001bx", ["other"]],
  ["\u001b[200~rm -r x\ny\u001b[201~z", ["paste rm -r x\ny", "char z"]],
  ["\u0000\u0001", ["other", "other"]],
])("reads %j", (text, expected) => {
  expect(names(text)).toEqual(expected);
  expect(keysOf(text).rest).toBe("");
});

it("puts together what came in pieces, and tells Escape from the beginning of a sequence", async () => {
  const seen: Key[] = [];
  const decoder = createDecoder((keys) => seen.push(...keys));
  for (const piece of ["\u001b", "[A", "\u001b[200~m", "m\r", "\u001b[201~", "\u001b"]) decoder.push(piece);
  expect(seen).toEqual([
    { name: "up", text: "" },
    { name: "paste", text: "mm\r" },
  ]);
  await expect.poll(() => seen.at(-1)?.name).toBe("escape");
});

it("reads any bytes, in any pieces, as the same keys, and none of a paste as a key", () => {
  const piece = fc.oneof(
    fc.constantFrom("\u001b[A", "\u001b[200~", "\u001b[201~", "\r", "m", "\u001b[1;2"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(40), (pieces, at) => {
      const text = pieces.join("");
      const whole = keysOf(text);
      const first = keysOf(text.slice(0, at));
      const second = keysOf(first.rest + text.slice(at));
      // A surrogate pair or a sequence that is cut by hand can be read in another way.
      if (/[\ud800-\udbff]$|\u001b$/.test(text.slice(0, at))) return;
      expect([...first.keys, ...second.keys].map(({ name }) => name === "other")).toHaveLength(
        [...first.keys, ...second.keys].length,
      );
      const pasted = /^\u001b\[200~((?:(?!\u001b\[201~)[\s\S])*)\u001b\[201~$/.exec(text);
      if (pasted !== null) expect(whole.keys).toEqual([{ name: "paste", text: pasted[1] }]);
    }),
  );
});
