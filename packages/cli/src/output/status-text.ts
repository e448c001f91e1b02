import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { GROUP_TITLES, oneLine } from "@agent-orchestrator/core/model/text";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { fit, fold, wrap } from "./format.ts";
import { type Look, layoutOf, sessionLines } from "./session-lines.ts";
import { spendLine } from "./spend-line.ts";
import { fitRows, type Part } from "./status-fit.ts";

const NOTICE_CHARS = 2_000;

export interface Picture {
  sessions: readonly SessionView[];
  meta: Partial<StatusMeta>;
  /** Shown alone: the project asked for. */
  project?: string | undefined;
}

/** `ao status` as lines: what is wrong first, then what needs the user, then the rest. */
export function statusLines(picture: Picture, look: Look): string[] {
  return partsOf(picture, look).flatMap(({ lines }) => lines);
}

/** As many of them as fit into the rows of a screen. The last ones are left out, and counted. */
export function statusScreen(picture: Picture, look: Look & { rows: number }): string[] {
  return fitRows(partsOf(picture, look), look);
}

function partsOf({ sessions, meta, project }: Picture, look: Look): Part[] {
  const { colour, columns } = look;
  const notices = (meta.notices ?? []).map((notice): Part => ({ kind: "notice", lines: noticeLines(notice, look) }));
  const limits = meta.limits;
  const working =
    sessions.length > 0 && limits !== undefined
      ? [colour.dim(fit(`${limits.running} of at most ${limits.max} agents working`, columns))]
      : [];
  const spent = spendLine(meta.cost, project);
  const closing = [archiveLine(meta.archive), spent].flatMap((line) => line ?? []);
  const dimmed = closing.map((line) => colour.dim(fit(line, columns)));
  const last: Part = { kind: "other", lines: dimmed.length === 0 ? [] : ["", ...dimmed] };
  if (sessions.length === 0)
    return [...notices, { kind: "other", lines: fold(emptyLines(project).join("\n"), columns).split("\n") }, last];
  const isFirst = notices.length === 0 && working.length === 0;
  return [...notices, { kind: "other", lines: working }, ...sessionParts(sessions, look, isFirst), last];
}

/** Where the rest of the archived sessions is, or null if all of them are shown. */
function archiveLine(archive: StatusMeta["archive"]): string | null {
  if (archive === undefined || archive.pages === 1) return null;
  const { page, pages, total } = archive;
  const next = page < pages ? `: \`ao status --page ${page + 1}\` has older ones` : "";
  return `page ${page} of ${pages} of ${total} archived sessions${next}`;
}

function sessionParts(sessions: readonly SessionView[], look: Look, isFirst: boolean): Part[] {
  const { colour } = look;
  const layout = layoutOf(sessions, look);
  const parts: Part[] = [];
  for (const [group, title] of Object.entries(GROUP_TITLES)) {
    const members = sessions.filter((view) => view.group === group);
    const head = `${colour.bold(title)} ${colour.dim(`(${members.length})`)}`;
    const begin = parts.length === 0 && isFirst ? [head] : ["", head];
    for (const view of members) {
      const lines = sessionLines([view], layout, look);
      const isHead = parts.at(-1)?.group !== group;
      if (lines.length > 0) parts.push({ kind: "session", group, lines: isHead ? [...begin, ...lines] : lines });
    }
  }
  return parts;
}

/** Not cut, however narrow the terminal, because it names what is wrong. */
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
    "  ao init               write a config for the repository you are in",
    "  ao spawn 42           give issue 42 to an agent",
    '  ao spawn -p "…"       or a task in your own words',
    "  ao status --all       show what has ended as well",
  ];
}

/** For a prompt or tmux: short, without colours, and empty if there is nothing to show. */
export function statusLine(sessions: readonly SessionView[]): string {
  const count = (group: StatusGroup) => sessions.filter((view) => view.group === group).length;
  const parts: [number, string][] = [
    [count("needs-you"), count("needs-you") === 1 ? "needs you" : "need you"],
    [count("ready-to-merge"), "ready to merge"],
    [count("working"), "working"],
    [count("waiting"), "waiting"],
    [count("queued"), "queued"],
  ];
  const words = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return words.length === 0 ? "" : `ao: ${words.join(", ")}`;
}
