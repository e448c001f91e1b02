import type { z } from "zod";

/** The part of a zod schema that says which keys a place in a config accepts. */
interface Def {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  keyType?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
  in?: z.ZodType;
  entries?: Record<string, string>;
}

const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

function unwrap(schema: z.ZodType): z.ZodType[] {
  const def = defOf(schema);
  if (def.type === "union") return (def.options ?? []).flatMap(unwrap);
  const inner = def.innerType ?? (def.type === "pipe" ? def.in : undefined);
  return inner === undefined ? [schema] : unwrap(inner);
}

function step(schema: z.ZodType, key: string | number): z.ZodType[] {
  const def = defOf(schema);
  const isKey = typeof key === "string" && def.shape !== undefined && Object.hasOwn(def.shape, key);
  const next = typeof key === "number" ? def.element : isKey ? def.shape?.[key] : def.valueType;
  return next === undefined ? [] : unwrap(next);
}

/** The schemas at a path, including the alternatives of a union. */
export function schemasAt(root: z.ZodType, path: readonly (string | number)[]): z.ZodType[] {
  return path.reduce<z.ZodType[]>((at, key) => at.flatMap((schema) => step(schema, key)), unwrap(root));
}

/** The keys that are allowed at a path. */
export function keysAt(root: z.ZodType, path: readonly (string | number)[]): string[] {
  return schemasAt(root, path).flatMap((schema) => {
    const def = defOf(schema);
    if (def.shape !== undefined) return Object.keys(def.shape);
    return def.keyType === undefined
      ? []
      : unwrap(def.keyType).flatMap((key) => Object.values(defOf(key).entries ?? {}));
  });
}

/** Every key that holds a value, with `*` for any name. A list is one value. */
export function leafKeys(root: z.ZodType): string[] {
  const below = (schema: z.ZodType, at: readonly string[]): string[] =>
    unwrap(schema).flatMap((one) => {
      const { shape, valueType } = defOf(one);
      if (shape !== undefined) return Object.entries(shape).flatMap(([key, value]) => below(value, [...at, key]));
      return valueType === undefined ? [at.join(".")] : below(valueType, [...at, "*"]);
    });
  return [...new Set(below(root, []))];
}
