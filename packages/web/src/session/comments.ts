import { signal } from "@preact/signals";

/** Remarks on lines that are not sent yet, by session. They live as long as the page. */
export interface LineComment {
  path: string;
  line: number;
  body: string;
}

const drafts = signal<ReadonlyMap<string, readonly LineComment[]>>(new Map());

export const commentsOn = (session: string): readonly LineComment[] => drafts.value.get(session) ?? [];

function set(session: string, comments: readonly LineComment[]): void {
  const next = new Map(drafts.value);
  if (comments.length === 0) next.delete(session);
  else next.set(session, comments);
  drafts.value = next;
}

/** A second remark on the same line replaces the first. An empty one removes it. */
export function comment(session: string, remark: LineComment): void {
  const others = commentsOn(session).filter(({ path, line }) => path !== remark.path || line !== remark.line);
  set(session, remark.body.trim() === "" ? others : [...others, remark]);
}

export const dropComments = (session: string): void => set(session, []);

/** The same remarks as one message to the agent. */
export const asMessage = (comments: readonly LineComment[]): string =>
  comments.map(({ path, line, body }) => `${path}:${line}: ${body}`).join("\n\n");
