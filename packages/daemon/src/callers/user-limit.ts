import { atomicReplace, readText } from "@agent-orchestrator/core/host/files";
import { lockLimitOf } from "@agent-orchestrator/plugin-kit/mark";

/**
 * The limit of file locks of the user's own processes: the highest with which a daemon of this home has ever started. An agent's
 * command may start one as well, with a lower limit, and that makes no user of the agent.
 */
export function userLimitOf(path: string): number {
  const own = lockLimitOf("self") ?? 0;
  const known = parse(readText(path)?.trim() ?? "");
  if (own <= known) return known;
  atomicReplace(path, `${own === Number.POSITIVE_INFINITY ? "unlimited" : own}\n`, { mode: 0o600 });
  return own;
}

function parse(text: string): number {
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : 0;
}
