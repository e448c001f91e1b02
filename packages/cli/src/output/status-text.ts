import { oneLine } from "@agent-orchestrator/core/host/text";
import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/requests";
import { fit, wrap } from "./format.ts";
import { type Look, layoutOf, sessionLines } from "./session-lines.ts";
import { spendLine } from "./spend-line.ts";

const NOTICE_CHARS = 2_000;

const TITLES: Record<StatusGroup, string> = {
  "needs-you": "Needs you",
  "ready-to-merge": "Ready to merge",
  working: "Working",
  waiting: "Waiting",
  queued: "Queued",
  ended: "Ended",
};

export interface Picture {
  sessions: readonly SessionView[];
  meta: Partial<StatusMeta>;
  /** Shown alone: the project asked for. */
  project?: string | undefined;
}

/** `ao status` as lines: what is wrong first, then what needs the human, then the rest. */
export function statusLines({ sessions, meta, project }: Picture, look: Look): string[] {
  const { colour, columns } = look;
  const lines = (meta.notices ?? []).flatMap((notice) => noticeLines(notice, look));
  const limits = meta.limits;
  if (sessions.length > 0 && limits !== undefined) {
    lines.push(colour.dim(fit(`${limits.running} of at most ${limits.max} agents working`, columns)));
  }
  const spent = spendLine(meta.cost, project);
  const last = spent === null ? [] : ["", colour.dim(fit(spent, columns))];
  if (sessions.length === 0) return [...lines, ...emptyLines(project), ...last];
  const layout = layoutOf(sessions, look);
  for (const [group, title] of Object.entries(TITLES)) {
    const members = sessions.filter((view) => view.group === group);
    if (members.length === 0) continue;
    if (lines.length > 0) lines.push("");
    lines.push(`${colour.bold(title)} ${colour.dim(`(${members.length})`)}`, ...sessionLines(members, layout, look));
  }
  return [...lines, ...last];
}

/** Whole, however narrow the terminal: it names what is wrong. */
function noticeLines({ level, text, hint }: StatusMeta["notices"][number], { colour, columns }: Look): string[] {
  const wrapped = (mark: string, words: string) =>
    wrap(oneLine(words, NOTICE_CHARS), columns, "  ")
      .trimEnd()
      .split("\n")
      .map((line, at) => (at === 0 ? mark + line.slice(mark.length) : line));
  const next = hint === undefined ? [] : wrapped("  ", `→ ${hint}`);
  const said = wrapped(level === "error" ? "! " : "· ", text);
  if (level === "error") return [...said.map((line) => colour.red(line)), ...next];
  return [...(level === "warning" ? said.map((line) => colour.yellow(line)) : said), ...next];
}

function emptyLines(project: string | undefined): string[] {
  const where = project === undefined ? "" : ` of ${oneLine(project, 60)}`;
  return [
    `No sessions${where}.`,
    "",
    "  ao init               writes a config for the repository you are in",
    "  ao spawn 42           gives issue 42 to an agent",
    '  ao spawn -p "…"       or a task in your own words',
    "  ao status --all       also shows what has ended",
  ];
}

/** For a prompt or tmux: short, no colours, empty when there is nothing. */
export function statusLine(sessions: readonly SessionView[]): string {
  const count = (group: StatusGroup) => sessions.filter((view) => view.group === group).length;
  const parts: [number, string][] = [
    [count("needs-you"), "needs you"],
    [count("ready-to-merge"), "ready to merge"],
    [count("working"), "working"],
    [count("waiting"), "waiting"],
    [count("queued"), "queued"],
  ];
  const words = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return words.length === 0 ? "" : `ao: ${words.join(", ")}`;
}
