import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32, crc32ByTable, crcHex } from "./crc.ts";
import { isSealed, openLine, sealLine } from "./line.ts";

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
  const line = sealLine(value);
  expect(line.includes(10)).toBe(false);
  const { c, ...rest } = JSON.parse(line.toString("utf8")) as Record<string, unknown>;
  expect(rest).toEqual(value);
  expect(c).toBe(crcHex(line.subarray(0, line.length - 16)));
  expect(openLine(line)).toEqual({ ...value, c });
  for (const bad of ["", "{}", '{"a":1}', '{"a":1,"c":"00000000"}', line.toString("utf8").slice(1)]) {
    expect(isSealed(Buffer.from(bad))).toBe(false);
  }
});
