import { join } from "node:path";
import type { SessionRecord } from "../model/session.ts";
import type { Iso } from "../model/time.ts";
import { projectLayout } from "./layout.ts";
import { type Entries, isMetadataKey } from "./metadata.ts";

/** Texts of strangers and agents are cut in the view. The log has them in full. */
const MAX_TEXT = 4096;

/** Keys that `ao` itself writes. `ao set` must not. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  "rev",
  "project",
  "issue",
  "title",
  "branch",
  "worktree",
  "status",
  "agent",
  "workspace",
  "baseBranch",
  "preserved",
  "runtime",
  "runtimeHandle",
  "tmuxName",
  "pr",
  "summary",
  "createdAt",
  "agentSessionId",
  "costUsd",
  "costTokens",
  "costModel",
]);

/** One session as its metadata file shows it. Unknown values have no line. */
export function toEntries(record: SessionRecord): Entries {
  const handle = record.launch.last?.handle ?? null;
  const tmuxName = handle?.data.tmuxName ?? (handle?.id === `${record.instanceId}-${record.id}` ? handle.id : null);
  const known: [string, unknown][] = [
    ["project", record.projectId],
    ["issue", record.task.issue?.id],
    ["title", cut(record.task.issue?.title)],
    ["branch", record.branch],
    ["worktree", record.workspacePath],
    ["status", record.status],
    ["agent", record.agent],
    ["workspace", record.workspace],
    ["baseBranch", record.baseBranch],
    ["preserved", record.preservedPath],
    ["runtime", record.runtime],
    ["runtimeHandle", handle === null ? null : JSON.stringify(handle)],
    ["tmuxName", typeof tmuxName === "string" ? tmuxName : null],
    ["pr", record.pr.snapshot?.info.number],
    ["summary", cut(record.summary)],
    ["createdAt", record.createdAt],
    ["agentSessionId", record.launch.agentSessionId],
    ["costUsd", record.usage.cost?.usd?.toFixed(2)],
    ["costTokens", record.usage.cost?.tokens],
    ["costModel", record.usage.cost?.model],
    ["role", Object.hasOwn(record.extra, "role") ? record.extra.role : "worker"],
  ];
  const entries = new Map<string, string>();
  for (const [key, value] of known) {
    if (value !== null && value !== undefined) entries.set(key, String(value));
  }
  for (const [key, value] of Object.entries(record.extra)) {
    if (isMetadataKey(key) && !RESERVED_KEYS.has(key)) entries.set(key, value);
  }
  return entries;
}

const cut = (text: string | null | undefined): string | null | undefined => text?.slice(0, MAX_TEXT);

/** Where the file of a session is now. */
export function viewPath(home: string, record: SessionRecord): string {
  const layout = projectLayout(home, record.instanceId, record.projectId);
  if (!record.isArchived) return layout.metadata(record.id);
  return join(layout.archive, `${record.id}_${toStamp(record.ending?.at ?? record.lastActivityAt)}`);
}

const toStamp = (at: Iso): string => at.replace(/[-:]|\.\d+/g, "");

/** The session and the time in the name of an archived file, or null if it is not such a name. */
export function parseArchiveName(name: string): { id: string; at: Iso } | null {
  const parts = /^(.+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (parts === null) return null;
  const [, id = "", year, month, day, hour, minute, second] = parts;
  return { id, at: `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z` };
}
