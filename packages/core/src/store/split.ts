import type { RecordDraft } from "./log.ts";
import type { Patch } from "./patch.ts";

/** Splits a change of one session into several smaller ones with the same result, for a line that would be too long. */
export function splitDraft(draft: RecordDraft): RecordDraft[] {
  if (draft.type !== "ao.session") return [draft];
  const { patch, removed, items, ...place } = draft as RecordDraft & Patch;
  const parts: RecordDraft[] = Object.entries(patch ?? {}).map(([key, value]) => ({
    ...place,
    patch: { [key]: value },
  }));
  if (removed !== undefined) parts.push({ ...place, removed });
  for (const [key, { order, set }] of Object.entries(items ?? {})) {
    // An id in `order` whose item hasn't arrived yet is left out until it has.
    for (const item of set) parts.push({ ...place, items: { [key]: { order, set: [item] } } });
    if (set.length === 0) parts.push({ ...place, items: { [key]: { order, set } } });
  }
  return parts;
}
