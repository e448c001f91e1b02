import type { z } from "zod";
import { GROUP_NAMES, GROUPS, SessionRecord } from "../model/session.ts";
import { isMembers } from "./patch.ts";

/** Candidate values for a member that did not exist yet when the record was written. */
const NOTHING = [null, [], {}, false, 0, ""] as const;

/** A record of an older version has no value for newer members. Each gets the emptiest one its schema accepts. */
export function completed(record: SessionRecord): SessionRecord {
  const groups = GROUP_NAMES.map((name) => {
    const known: unknown = record[name] ?? {};
    return [name, isMembers(known) ? filled(known, GROUPS[name].shape) : known] as const;
  });
  const isWhole = groups.every(([name, group]) => group === record[name]);
  return filled(isWhole ? record : { ...record, ...Object.fromEntries(groups) }, SessionRecord.shape);
}

function filled<T extends object>(members: T, shape: Readonly<Record<string, z.ZodType>>): T {
  const missing = Object.entries(shape).filter(([key]) => !Object.hasOwn(members, key));
  if (missing.length === 0) return members;
  const added = missing.flatMap(([key, schema]) => {
    const value = schema.safeParse(undefined).success
      ? undefined
      : NOTHING.find((one) => schema.safeParse(one).success);
    return value === undefined ? [] : [[key, structuredClone(value)]];
  });
  return added.length === 0 ? members : { ...members, ...Object.fromEntries(added) };
}
