import { dropCommand } from "@agent-orchestrator/plugin-kit/drop-folder";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";

/**
 * Events that we need beside the live status file and the transcript, and what for. None is about a tool call: what tools did is in the
 * transcript, so that a tool call costs nothing.
 */
export const HOOKED = [
  "SessionStart", // which conversation this is, also after /clear and /resume
  "UserPromptSubmit", // the receipt
  "Stop",
  "StopFailure", // a turn that ended with an error of the API
] as const;

/** The dialog stays open meanwhile; more than a human takes. */
const ASK_TIMEOUT_S = 7 * 24 * 3600;

/**
 * A permission or a question: the hook says what is asked, then waits at a pipe of its own for an answer of ours. Claude shows its dialog
 * all the while, and whoever answers first wins. An empty answer means: it is settled.
 */
function askCommand(dropDir: string, asksDir: string): string {
  const steps = [
    "umask 077",
    `d=${shellQuote(dropDir)}`,
    `p=${shellQuote(asksDir)}/$$`,
    `rm -f "$p"`,
    `mkfifo "$p"`,
    `cat >"$d/.$$.PermissionRequest"`,
    `mv -f "$d/.$$.PermissionRequest" "$d/\${EPOCHREALTIME:-$(date +%s)}-$$-PermissionRequest.json"`,
    `{ read -r a <"$p"; rm -f "$p"; printf '%s\\n' "$a"; }`,
  ];
  return `{ ${steps.join(" && ")}; } 2>/dev/null; exit 0`;
}

/** Drops what the status line is told (the cost is in it), then lets the user's own line speak. */
export function statusLineCommand(dropDir: string, own: string | null): string {
  const drop = dropCommand(dropDir, "StatusLine");
  if (own === null) return drop;
  return `i=$(cat); printf '%s' "$i" | ( ${drop} ); printf '%s' "$i" | ( ${own}\n)`;
}

export function hookSettings(dropDir: string, asksDir: string): Record<string, unknown> {
  const entry = (hook: Record<string, unknown>) => [{ hooks: [{ type: "command", ...hook }] }];
  // In the background: the agent waits for none of them.
  const drops = HOOKED.map((event) => [
    event,
    entry({ command: dropCommand(dropDir, event), async: true, timeout: 60 }),
  ]);
  const ask = entry({ command: askCommand(dropDir, asksDir), timeout: ASK_TIMEOUT_S });
  return { ...Object.fromEntries(drops), PermissionRequest: ask };
}
