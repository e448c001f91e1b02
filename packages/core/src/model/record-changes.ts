import type { z } from "zod";
import { GROUP_NAMES, type GROUPS, type GroupName, type SessionRecord } from "./session.ts";

type Members<T extends { shape: object }> = { [K in keyof T["shape"]]: z.infer<T["shape"][K]> };

/** Some members of a record with new values. Of a group, only those that change. */
export type RecordChanges = Partial<Omit<Members<typeof SessionRecord>, GroupName>> & {
  [G in GroupName]?: Partial<Members<(typeof GROUPS)[G]>>;
};

/** The record with these changes (or other changes with these). What they don't name stays, in each group too. */
export function withChanges<R extends RecordChanges>(record: R, changes: RecordChanges): R {
  const groups = GROUP_NAMES.flatMap((name) =>
    changes[name] === undefined ? [] : [[name, { ...record[name], ...changes[name] }]],
  );
  return { ...record, ...changes, ...Object.fromEntries(groups) };
}
