import { atomicReplace, readText } from "@agent-orchestrator/core/host/files";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { lockLimitOf } from "@agent-orchestrator/plugin-kit/mark";

/**
 * The limit of file locks of the user's own processes: the highest with which a daemon of this home has ever started. An agent's
 * command may start one as well, with a lower limit, and that makes no user of the agent.
 */
export function userLimitOf(path: string): number {
  const own = lockLimitOf("self") ?? 0;
  const known = parse(readKnown(path).trim());
  if (own <= known) return known;
  atomicReplace(path, `${own === Number.POSITIVE_INFINITY ? "unlimited" : own}\n`, { mode: 0o600 });
  return own;
}

/** Empty if there is none, or something else in its place, which the next write replaces or reports. */
function readKnown(path: string): string {
  try {
    return readText(path) ?? "";
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return "";
    throw error;
  }
}

function parse(text: string): number {
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : 0;
}
