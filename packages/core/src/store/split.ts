import type { RecordDraft } from "./log.ts";
import type { Patch } from "./patch.ts";

/** A change of one session as several smaller ones that come to the same: for a line that would be too long. */
export function splitDraft(draft: RecordDraft): RecordDraft[] {
  if (draft.type !== "ao.session") return [draft];
  const { patch, removed, items, ...place } = draft as RecordDraft & Patch;
  const parts: RecordDraft[] = Object.entries(patch ?? {}).map(([key, value]) => ({
    ...place,
    patch: { [key]: value },
  }));
  if (removed !== undefined) parts.push({ ...place, removed });
  for (const [key, { order, set }] of Object.entries(items ?? {})) {
    // An id in `order` whose item did not come yet is left out until it did.
    for (const item of set) parts.push({ ...place, items: { [key]: { order, set: [item] } } });
    if (set.length === 0) parts.push({ ...place, items: { [key]: { order, set } } });
  }
  return parts;
}
