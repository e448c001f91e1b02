import { newLife } from "../model/new-life.ts";
import { Launch, SessionRecord } from "../model/session.ts";
import { ENDED, SessionStatus } from "../model/status.ts";
import type { Iso } from "../model/time.ts";
import type { Entries } from "./metadata.ts";
import { RESERVED_KEYS } from "./session-view.ts";

/** A metadata file, and whose it is by its place. */
export interface Claimed {
  id: string;
  instanceId: string;
  projectId: string;
  path: string;
  /** When it was archived, by its name. Null for a session that is not archived. */
  archivedAt: Iso | null;
  entries: Entries;
}

const NOTE =
  "rebuilt from its metadata file, because the event log has lost it: its messages, its reviews and the options of its agent are not known";

/** A session as far as its metadata file shows it, or null if the file shows too little. */
export function sessionFromMetadata({ entries, archivedAt, ...whose }: Claimed): SessionRecord | null {
  const of = (key: string): string | null => entries.get(key) ?? null;
  const createdAt = of("createdAt") ?? "";
  const issue = of("issue");
  const status = SessionStatus.safeParse(of("status")).data ?? "working";
  const extra = Object.fromEntries([...entries].filter(([key]) => !RESERVED_KEYS.has(key) && key !== "role"));
  const role = of("role");
  const { launch, ...life } = lifeOf({ status, archivedAt, createdAt, handle: parseHandle(of("runtimeHandle")) });
  const record = {
    ...newLife(createdAt),
    id: whose.id,
    instanceId: whose.instanceId,
    projectId: whose.projectId,
    createdAt,
    task: { issue: issue === null ? null : { id: issue, title: of("title") ?? "", url: "" }, prompt: null },
    agent: of("agent"),
    runtime: of("runtime"),
    workspace: of("workspace"),
    agentOptions: {},
    branch: of("branch"),
    useExistingBranch: true,
    baseBranch: of("baseBranch"),
    notes: [NOTE],
    workspacePath: of("worktree"),
    summary: of("summary"),
    preservedPath: of("preserved"),
    status,
    statusRule: "rebuilt",
    extra: role === null || role === "worker" ? extra : { ...extra, role },
    ...life,
    launch: { last: launch, agentSessionId: of("agentSessionId"), hasStarted: true },
  };
  return SessionRecord.safeParse(record).data ?? null;
}

interface Found {
  status: SessionStatus;
  archivedAt: Iso | null;
  createdAt: Iso;
  handle: Launch["handle"];
}

/** Where in its life it is. A program that may still run is looked for through its handle. */
function lifeOf({ status, archivedAt, createdAt, handle }: Found) {
  const launch =
    handle === null
      ? null
      : {
          number: 1,
          mode: "restore" as const,
          messageId: null,
          requestedAt: createdAt,
          startedAt: createdAt,
          handle,
          pid: null,
          startId: null,
          isReady: true,
          exit: null,
        };
  if (archivedAt === null && !ENDED.has(status)) return { phase: handle === null ? "down" : "running", launch };
  const at = archivedAt ?? createdAt;
  const ending = {
    status: ENDED.has(status) ? status : "terminated",
    by: "world",
    reason: "the event log has lost it",
    at,
  };
  if (archivedAt === null) return { phase: "ended", launch: null, ending };
  return { phase: "archived", isArchived: true, archivedAt, lastActivityAt: archivedAt, launch: null, ending };
}

function parseHandle(text: string | null): Launch["handle"] {
  try {
    return Launch.shape.handle.safeParse(JSON.parse(text ?? "null")).data ?? null;
  } catch {
    // Not JSON, so nothing to look for.
    return null;
  }
}
