import fc from "fast-check";
import { expect, it } from "vitest";
import { isMetadataKey, parseMetadata, renderBody, renderMetadata } from "./metadata.ts";
import { createSigner } from "./signer.ts";

const sign = (text: Uint8Array): string => createSigner("secret").sign("metadata", text);
const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/).filter((name) => isMetadataKey(name) && name !== "rev");
const nasty = fc.constantFrom(
  "\n",
  "\r",
  "\t",
  "\\",
  "\\n",
  "=",
  "#",
  "#end 0 00000000",
  "\u2028",
  "\u0000",
  "\ud800",
  "\u009b",
);
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(nasty, fc.string()), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes)),
);
const entries = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 6 });

it("round-trips every value, whatever it contains", { timeout: 120_000 }, () => {
  let runs = 0;
  fc.assert(
    fc.property(entries, fc.nat(), (list, rev) => {
      runs += 1;
      const text = renderMetadata(renderBody(new Map(list)), rev, sign);
      const parsed = parseMetadata(Buffer.from(text, "utf8"));
      expect(parsed.verdict).toBe("sealed");
      expect([...parsed.entries]).toEqual([["rev", String(rev)], ...list]);
    }),
    { numRuns: 20_000 },
  );
  console.log(`metadata round trips: ${runs}`);
});

it("never mistakes a changed file for its own", { timeout: 120_000 }, () => {
  const change = fc.record({
    at: fc.nat(),
    byte: fc.integer({ min: 0, max: 255 }),
    kind: fc.constantFrom("set", "add", "cut"),
  });
  fc.assert(
    fc.property(entries, change, (list, { at, byte, kind }) => {
      const bytes = Buffer.from(renderMetadata(renderBody(new Map(list)), 7, sign), "utf8");
      const place = at % bytes.length;
      const rest = bytes.subarray(place + (kind === "add" ? 0 : 1));
      const middle = kind === "cut" ? Buffer.alloc(0) : Buffer.from([byte]);
      const mutated = Buffer.concat([bytes.subarray(0, place), middle, rest]);
      if (mutated.equals(bytes)) return;
      expect(parseMetadata(mutated, sign).verdict).not.toBe("sealed");
    }),
    { numRuns: 20_000 },
  );
});

it("never throws on a foreign file", { timeout: 120_000 }, () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("#ao-meta 1", "#end 11 00000000", "a=\\q", "__proto__=1", "=x", "a=b"),
  );
  const text = fc.array(line, { maxLength: 5 }).map((lines) => Buffer.from(lines.join("\n"), "utf8"));
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(text, bytes), (file) => {
      expect(parseMetadata(file).verdict).not.toBe("sealed");
    }),
    { numRuns: 20_000 },
  );
});

it("distinguishes an edit by hand from damage", () => {
  const text = renderMetadata("status=working\n", 3, sign);
  expect(parseMetadata(Buffer.from(text.replace("working", "merged"))).verdict).toBe("hand-edited");
  expect(parseMetadata(Buffer.from(text.replace("#end ", "#end 0"))).verdict).toBe("hand-edited");
  expect(parseMetadata(Buffer.from("# mine\nstatus = merged=x\n")).entries.size).toBe(0);
  expect(parseMetadata(Buffer.from("# mine\nnote=merged=x\n")).entries.get("note")).toBe("merged=x");
  for (const bad of ["status=a\nstatus=b\n", "no equals sign\n", "a=\\x\n", `${text}\0`]) {
    expect(parseMetadata(Buffer.from(bad)).verdict).toBe("damaged");
  }
  expect(parseMetadata(Buffer.from([0x61, 0x3d, 0xff, 0x0a])).verdict).toBe("damaged");
});
