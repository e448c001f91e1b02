import type { RecordPatch } from "./flat-record.ts";
import type { RecordDraft } from "./log.ts";

/** Splits a change of one session into several smaller ones with the same result, for a line that would be too long. */
export function splitDraft(draft: RecordDraft): RecordDraft[] {
  if (draft.type !== "ao.session") return [draft];
  const { patch, removed, members, items, groups, ...place } = draft as RecordDraft & RecordPatch;
  return splitPatch({
    ...(patch === undefined ? {} : { patch }),
    ...(removed === undefined ? {} : { removed }),
    ...(members === undefined ? {} : { members }),
    ...(items === undefined ? {} : { items }),
    ...(groups === undefined ? {} : { groups }),
  }).map((part) => ({ ...place, ...part }));
}

function splitPatch({ patch, removed, members, items, groups }: RecordPatch): RecordPatch[] {
  const parts: RecordPatch[] = Object.entries(patch ?? {}).map(([key, value]) => ({ patch: { [key]: value } }));
  if (removed !== undefined) parts.push({ removed });
  for (const [key, inner] of Object.entries(members ?? {})) {
    for (const part of splitPatch(inner)) parts.push({ members: { [key]: part } });
  }
  for (const [key, inner] of Object.entries(groups ?? {})) {
    for (const part of splitPatch(inner)) parts.push({ groups: { [key]: part } });
  }
  for (const [key, { order, set }] of Object.entries(items ?? {})) {
    // An id in `order` whose item hasn't arrived yet is left out until it has.
    for (const item of set) parts.push({ items: { [key]: { order, set: [item] } } });
    if (set.length === 0) parts.push({ items: { [key]: { order, set } } });
  }
  return parts;
}
