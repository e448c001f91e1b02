import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32, crc32ByTable, crcHex } from "./crc.ts";
import { isSealed, isSigned, openLine, sealLine } from "./line.ts";
import { createSigner } from "./signer.ts";

it("has the known check value, with and without zlib", () => {
  expect(crcHex(Buffer.from("123456789"))).toBe("cbf43926");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(crc32ByTable(bytes)).toBe(crc32(bytes));
    }),
  );
});

it("seals one line of JSON that other programs can read, and opens nothing else", () => {
  const value = { seq: 1, text: 'line\nbreak, "c":"00000000"} and \ud800' };
  const signer = createSigner("secret");
  const { line, signature } = sealLine(value, signer, "line");
  expect(line.includes(10)).toBe(false);
  const { c, m, ...rest } = JSON.parse(line.toString("utf8")) as Record<string, unknown>;
  expect(rest).toEqual(value);
  expect(m).toBe(signature);
  expect(c).toBe(crcHex(line.subarray(0, line.length - 16)));
  expect(openLine(line)).toEqual({ ...value, m, c });
  for (const bad of ["", "{}", '{"a":1}', '{"a":1,"c":"00000000"}', line.toString("utf8").slice(1)]) {
    expect(isSealed(Buffer.from(bad))).toBe(false);
  }
});

it("recognises a line that was signed with another secret, as another kind of file, or not at all", () => {
  const signer = createSigner("secret");
  const { line } = sealLine({ seq: 1 }, signer, "line");
  expect(isSigned(line, signer, "line")).toBe(true);
  expect(isSigned(line, signer, "checkpoint")).toBe(false);
  expect(isSigned(line, createSigner("another"), "line")).toBe(false);
  const body = Buffer.from('{"seq":1');
  expect(isSigned(Buffer.from(`${body.toString()},"c":"${crcHex(body)}"}`), signer, "line")).toBe(false);
});
