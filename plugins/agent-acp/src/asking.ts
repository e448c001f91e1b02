import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

/**
 * The protocol carries a question only when the agent asks one, and some ask nothing unless they are told to. Variables by which known
 * agents are made to ask, so that the session's permissions decide and not what the agent happens to do by itself.
 */
const ASKING: Readonly<Record<string, Record<string, string>>> = {
  // 1.18.33, tried: by itself it edits and runs everything.
  opencode: { OPENCODE_PERMISSION: JSON.stringify({ edit: "ask", bash: "ask" }) },
  // By its documentation, not tried.
  goose: { GOOSE_MODE: "approve" },
};

/** What to add to the environment of this program. Nothing where all is allowed anyway. */
export function askingEnvironment(program: string, mode: PermissionMode): Record<string, string> {
  if (mode === "auto" || mode === "skip") return {};
  return ASKING[program.split("/").at(-1) ?? ""] ?? {};
}
