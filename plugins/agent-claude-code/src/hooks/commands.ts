import { dropCommand } from "@agent-orchestrator/plugin-kit/drop-folder";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";

/**
 * Events that we need in addition to the live status file and the transcript, and what for. None is about a tool call, because the
 * transcript shows what tools did, and so a tool call costs nothing.
 */
const HOOKED = [
  "SessionStart", // which conversation this is, also after /clear and /resume
  "UserPromptSubmit", // the receipt
  "Stop",
  "StopFailure", // a turn that ended with an API error
] as const;

/** The dialog stays open for this long, which is longer than a user takes. */
const ASK_TIMEOUT_S = 7 * 24 * 3600;

/**
 * A permission or a question. The hook reports what is asked, then waits at its own pipe for our answer. Claude shows its dialog at
 * the same time, and the first answer wins. An empty answer means that it is settled.
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

/** Records the status line's input, which has the cost, then runs the user's own status line. */
export function statusLineCommand(dropDir: string, own: string | null): string {
  const drop = dropCommand(dropDir, "StatusLine");
  if (own === null) return drop;
  return `i=$(cat); printf '%s' "$i" | ( ${drop} ); printf '%s' "$i" | ( ${own}\n)`;
}

export function hookSettings(dropDir: string, asksDir: string): Record<string, unknown> {
  const entry = (hook: Record<string, unknown>) => [{ hooks: [{ type: "command", ...hook }] }];
  // In the background, so the agent waits for none of them.
  const drops = HOOKED.map((event) => [
    event,
    entry({ command: dropCommand(dropDir, event), async: true, timeout: 60 }),
  ]);
  const ask = entry({ command: askCommand(dropDir, asksDir), timeout: ASK_TIMEOUT_S });
  return { ...Object.fromEntries(drops), PermissionRequest: ask };
}
