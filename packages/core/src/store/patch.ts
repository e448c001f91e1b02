import { isDeepStrictEqual } from "node:util";

/** How one object became another: changed members, removed members, objects and lists that changed in part. */
export interface Patch {
  patch?: Record<string, unknown>;
  removed?: string[];
  members?: Record<string, Patch>;
  items?: Record<string, { order: string[]; set: Item[] }>;
  [member: string]: unknown;
}

interface Item {
  id: string;
  [member: string]: unknown;
}

/** Null if nothing changed. Undefined members count as missing, as in JSON. */
export function diffMembers(previous: object, next: object, skip: ReadonlySet<string> = NONE): Patch | null {
  const before = previous as Record<string, unknown>;
  const after = next as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  const members: NonNullable<Patch["members"]> = {};
  const items: NonNullable<Patch["items"]> = {};
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (skip.has(key) || value === undefined || isSame(Object.hasOwn(before, key) ? before[key] : undefined, value)) {
      continue;
    }
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isItems(was) && isItems(value)) define(items, key, diffItems(was, value));
    else if (!isMembers(was) || !isMembers(value)) define(patch, key, value);
    else {
      const inner = diffMembers(was, value);
      if (inner !== null) define(members, key, inner);
    }
  }
  const removed = Object.keys(before).filter(
    (key) => !skip.has(key) && before[key] !== undefined && (!Object.hasOwn(after, key) || after[key] === undefined),
  );
  const result: Patch = {
    ...(Object.keys(patch).length > 0 ? { patch } : {}),
    ...(removed.length > 0 ? { removed } : {}),
    ...(Object.keys(members).length > 0 ? { members } : {}),
    ...(Object.keys(items).length > 0 ? { items } : {}),
  };
  return Object.keys(result).length > 0 ? result : null;
}

const NONE: ReadonlySet<string> = new Set();

/** Returns a new object: `value` with a patch applied. */
export function applyPatch<T extends object>(value: T, change: Patch): T {
  const { patch, removed, members, items } = change;
  // A log of a million lines passes here: what is not there is not looked through.
  const next = (patch === undefined ? { ...value } : { ...value, ...patch }) as Record<string, unknown>;
  if (members !== undefined) applyMembers(next, members);
  if (items !== undefined) applyItems(next, items);
  if (removed !== undefined) for (const key of removed) delete next[key];
  return next as T;
}

/** Objects that changed in part, in an object that nobody else has yet. */
export function applyMembers(next: Record<string, unknown>, members: NonNullable<Patch["members"]>): void {
  for (const [key, inner] of Object.entries(members)) {
    define(next, key, applyPatch(Object.hasOwn(next, key) && isMembers(next[key]) ? next[key] : {}, inner));
  }
}

function applyItems(next: Record<string, unknown>, items: NonNullable<Patch["items"]>): void {
  for (const [key, { order, set }] of Object.entries(items)) {
    const known = new Map<string, unknown>();
    for (const item of isItems(next[key]) ? next[key] : []) known.set(item.id, item);
    for (const item of set) known.set(item.id, item);
    define(
      next,
      key,
      order.map((id) => known.get(id)).filter((item) => item !== undefined),
    );
  }
}

const isSame = (left: unknown, right: unknown): boolean => left === right || isDeepStrictEqual(left, right);

export const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list whose members all have their own id. It changes item by item, so that a long text in one is not written again for another. */
function isItems(value: unknown): value is Item[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const ids = new Set<unknown>();
  for (const item of value) {
    const id = typeof item === "object" && item !== null ? (item as Item).id : undefined;
    if (typeof id !== "string") return false;
    ids.add(id);
  }
  return ids.size === value.length;
}

function diffItems(before: Item[], after: Item[]): { order: string[]; set: Item[] } {
  const known = new Map(before.map((item) => [item.id, item]));
  return { order: after.map((item) => item.id), set: after.filter((item) => !isSame(known.get(item.id), item)) };
}

/** Also for a key like `__proto__`, which a plain assignment would take for the prototype. The others are quicker without. */
export function define(target: object, key: string, value: unknown): void {
  if (key !== "__proto__") (target as Record<string, unknown>)[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
