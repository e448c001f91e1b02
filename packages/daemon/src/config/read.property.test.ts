import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { interpolateEarly } from "./interpolate-early.ts";
import { validate } from "./validate.ts";
import { parseYaml } from "./yaml-tree.ts";

const BITS = fc.constantFrom(
  ..."projects: |notifiers:|app:|port|: |- |? |[|]|{|}|,|&a |*a|<<: *a|!!str |\"|'|\n|\n  |\n    |#|%YAML 1.1|---|...|__proto__|constructor|${X}|~|null|3000|\t|\u0000|\ufeff|é".split(
    "|",
  ),
);

it("whatever a file contains, reading it returns findings, never throws, and pollutes nothing", () => {
  fc.assert(
    fc.property(fc.array(BITS, { maxLength: 60 }), (bits) => {
      const tree = parseYaml(bits.join(""));
      const checked = validate(interpolateEarly(tree.value, { X: "1" }).tree);
      for (const { path } of checked.problems) expect(tree.locate(path).line).toBeGreaterThan(0);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

it("plain data written as YAML is read back unchanged, with the correct position of every key", () => {
  const key = fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{0,8}$/).filter((word) => word !== "__proto__");
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean()),
    map: fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    tree: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("map"), fc.array(tie("tree"), { maxLength: 3 })),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 4, noNullPrototype: true }), (data) => {
      const text = stringify(data, { aliasDuplicateObjects: false });
      const read = parseYaml(text);
      expect(read.faults).toEqual([]);
      expect(read.value ?? {}).toEqual(parse(text) ?? {});
      const lines = text.split("\n");
      for (const top of Object.keys(data)) expect(lines[read.locate([top]).line - 1]).toContain(top);
    }),
    { numRuns: 200 },
  );
});
