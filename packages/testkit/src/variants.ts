/** A stranger's words: escapes, line ends, wide characters, and too much of it. */
export const HOSTILE = `\u001b[31mred\u001b]0;title\u0007\r\nsecond\tline 日本語 🙂 \u202e${"long ".repeat(100)}`;

/** A moment, the first moment, and a damaged one. */
const TIMES = ["2026-01-02T03:04:05.000Z", "1970-01-01T00:00:00.000Z", "not a time"];

/** The part of a zod schema that is used here. */
interface Schema {
  _zod: { def: unknown };
}
interface Def {
  type: string;
  shape: Record<string, Schema>;
  innerType: Schema;
  entries: Record<string, string>;
  element: Schema;
  format?: string;
}

/**
 * Values in which each alternative of each part of a schema occurs once: every enum word, null, absent, empty, hostile. The first one is the plain
 * one.
 */
export function variantsOf(schema: Schema): unknown[] {
  const def = schema._zod.def as Def;
  switch (def.type) {
    case "object":
      return objects(def.shape);
    case "nullable":
      return [...variantsOf(def.innerType), null];
    case "optional":
      return [...variantsOf(def.innerType), undefined];
    case "enum":
      return Object.values(def.entries);
    case "array": {
      const members = variantsOf(def.element);
      return [members.slice(0, 1), [], ...members.slice(1).map((member) => [members[0], member])];
    }
    case "record":
      return [{}, { key: HOSTILE }];
    case "boolean":
      return [false, true];
    case "number":
      return [3, 0, 1_234_567];
    case "string":
      return def.format === "datetime" ? TIMES : ["word", "", HOSTILE];
    case "unknown":
      return [HOSTILE];
    default:
      throw new Error(`no variants for ${def.type}`);
  }
}

function objects(shape: Record<string, Schema>): unknown[] {
  const parts = Object.entries(shape).map(([name, schema]) => [name, variantsOf(schema)] as const);
  const plain = Object.fromEntries(parts.map(([name, [first]]) => [name, first]));
  return [plain, ...parts.flatMap(([name, [, ...others]]) => others.map((value) => ({ ...plain, [name]: value })))];
}
