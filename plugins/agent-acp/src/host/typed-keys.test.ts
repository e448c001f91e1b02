import { expect, test } from "vitest";
import { typedKeys } from "./typed.ts";

function typed(...chunks: string[]): string {
  const keys = typedKeys();
  for (const chunk of chunks) keys.take(Buffer.from(chunk, "latin1"));
  return String(keys.stream.read() ?? "");
}
const paste = "\u001b[200~one\r\ntwo\rthree\n\u001b[201~";

test("a paste is one line, wherever it is split", () => {
  for (let at = 0; at <= paste.length; at++) expect(typed(paste.slice(0, at), paste.slice(at))).toBe("one␤two␤three␤");
  expect(typed(...paste)).toBe("one␤two␤three␤");
  expect(typedKeys().unfolded("one␤two")).toBe("one\ntwo");
});

test("pasted text cannot press keys, but typed text can, except for the two keys that would end or stop the host", () => {
  expect(typed("\u001b[200~a\u0003\u001b[Ab\u001b[201~c\u0003")).toBe("a[Abc\u0003");
  expect(typed("a\u0004b\u001ac\u001b[D")).toBe("abc\u001b[D");
});

test("a character that arrives in two pieces is one", () => {
  const keys = typedKeys();
  const bytes = Buffer.from("é");
  keys.take(bytes.subarray(0, 1));
  keys.take(bytes.subarray(1));
  expect(String(keys.stream.read())).toBe("é");
});
