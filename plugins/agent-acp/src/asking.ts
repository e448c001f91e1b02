import type { PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

/**
 * The protocol carries a question only if the agent asks one, and some ask nothing unless told to. These variables make known agents
 * ask, so that the session's permissions decide, and not the agent's defaults.
 */
const ASKING: Readonly<Record<string, Record<string, string>>> = {
  // Tested with 1.18.33, which edits and runs everything by default.
  opencode: { OPENCODE_PERMISSION: JSON.stringify({ edit: "ask", bash: "ask" }) },
  // According to its documentation, not tested.
  goose: { GOOSE_MODE: "approve" },
};

/** What to add to the environment of this program. Nothing if everything is allowed anyway. */
export function askingEnvironment(program: string, mode: PermissionMode): Record<string, string> {
  if (mode === "auto" || mode === "skip") return {};
  return ASKING[program.split("/").at(-1) ?? ""] ?? {};
}
