import { readFileSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { App } from "./app.ts";

/** What an agent may request: to report, to open its pull request, and to read. The last column limits it to its own session. */
const AGENT_MAY: Record<string, "any" | "own"> = {
  ping: "any",
  report: "own",
  "pr-create": "own",
  show: "own",
  explain: "own",
  checks: "own",
  path: "own",
  diff: "own",
};

const MAX_DEPTH = 64;

/** Returns the session whose agent is calling, found by its environment and its process's ancestors, or null for the user. */
export function agentSessionOf(app: App, caller: Caller): string | null {
  const { sessions } = app.engine.state;
  const marks = [caller.sessionId, environMark(caller.pid)];
  for (const mark of marks) if (mark !== undefined && mark in sessions) return mark;
  const byPid = new Map<number, SessionRecord>();
  for (const record of Object.values(sessions)) {
    const pid = record.launch?.exit === null ? record.launch.pid : null;
    if (pid !== null) byPid.set(pid, record);
  }
  let pid: number | null = caller.pid;
  for (let depth = 0; pid !== null && pid > 1 && depth < MAX_DEPTH; depth += 1) {
    const record = byPid.get(pid);
    if (record !== undefined) return record.id;
    pid = parentOf(pid);
  }
  return null;
}

/** Refuses an agent what only the user may do, and what concerns other sessions. */
export function requirePermission(
  app: App,
  wish: { name: string; params: unknown; agentSession: string | null },
): void {
  if (wish.agentSession === null) return;
  const scope = AGENT_MAY[wish.name];
  if (scope === undefined) {
    throw new AoError(
      "NOT_PERMITTED",
      `an agent must not run \`ao ${wish.name}\` (called from within ${wish.agentSession})`,
      {
        hint: "Only the user can, from their own terminal.",
      },
    );
  }
  const session = (wish.params as { session?: unknown }).session;
  if (scope === "own" && session !== undefined && session !== wish.agentSession) {
    throw new AoError("NOT_PERMITTED", `an agent may only ask about its own session, ${wish.agentSession}`);
  }
  void app;
}

function environMark(pid: number): string | undefined {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    return environ
      .split("\0")
      .find((entry) => entry.startsWith("AO_SESSION_ID="))
      ?.slice("AO_SESSION_ID=".length);
  } catch {
    return undefined; // There is no /proc, or the process is another user's. The ancestors decide.
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // It has ended, or there is no /proc.
  }
}
