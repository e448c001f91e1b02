import type { Manifest } from "./kept.ts";

/** A path of bytes as text. */
export const readable = (path: string): string => Buffer.from(path, "latin1").toString("utf8");

/** Names in one line. */
const NAMED = 5;

export function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

/** What was in the checkout and is not in the kept work, in sentences. What could not be read is said by the caller. */
export function notKept({ skipped, left, xattrs }: Manifest): string[] {
  const notes: string[] = [];
  const add = (names: readonly string[], why: string) => {
    if (names.length > 0) notes.push(`Not kept: ${listed(names)} (${why})`);
  };
  add(skipped, "ignored by git, and made again by a build or an install");
  add(left, "pipes, sockets and devices contain no data");
  if (xattrs === null) add(["extended attributes"], "only GNU tar can read them");
  return notes;
}
