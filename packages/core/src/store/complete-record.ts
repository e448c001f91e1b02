import { SessionRecord } from "../model/session.ts";

/** Candidate values for a member that did not exist yet when the record was written. */
const NOTHING = [null, [], {}, false, 0, ""] as const;

/** A record of an older version has no value for newer members. Each gets the emptiest one its schema accepts. */
export function completed(record: SessionRecord): SessionRecord {
  const missing = Object.entries(SessionRecord.shape).filter(([key]) => !Object.hasOwn(record, key));
  if (missing.length === 0) return record;
  const added = missing.flatMap(([key, schema]) => {
    const value = schema.safeParse(undefined).success
      ? undefined
      : NOTHING.find((one) => schema.safeParse(one).success);
    return value === undefined ? [] : [[key, structuredClone(value)]];
  });
  return { ...record, ...Object.fromEntries(added) };
}
