import type { Kinds } from "@agent-orchestrator/core/model/spend";
import { ageOf, cleanForTerminal, costText, oneLine, tokenCount } from "@agent-orchestrator/core/model/text";
import type { ResultOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Run } from "../command.ts";
import { checksSection } from "../output/check-lines.ts";
import { localTime, table } from "../output/format.ts";
import { questionLines } from "../output/question-text.ts";
import { commandOf, issueTag } from "../output/session-cells.ts";
import { unpricedNote } from "../output/spend-line.ts";

export const spec: CommandSpec = {
  name: "show",
  group: "look",
  position: 30,
  summary: "Show one session and its latest output",
  args: "<session>",
  complete: "session",
  options: [{ flags: "--prompt", text: "print what the agent was told when it started, word for word" }],
  examples: [
    ["ao show app-1", "everything about it"],
    ["ao show '#42'", "by issue, pull request (PR 8), URL or branch, if exactly one running session matches"],
  ],
};

export const run: Run = async (input, context) => {
  const wantsPrompt = input.flag("prompt");
  const { data, meta } = await context.ask("show", {
    session: input.args[0] ?? "",
    ...(wantsPrompt ? { prompt: true } : {}),
    isLook: !context.isJson,
  });
  context.show(data, () => (wantsPrompt ? { verbatim: promptText(data.prompt ?? []) } : text(context, data)), meta);
  return 0;
};

/** As long as a path can be. */
const MAX_VALUE = 4_096;

/** Exactly what was given, with a line before each part if there are several. */
function promptText(given: NonNullable<ResultOf<"show">["prompt"]>): string {
  const parts = given.map(({ part, launch, text: words }) => {
    const at = launch === null ? "at every start" : `start ${launch}`;
    const head = given.length > 1 ? `── ${part}, ${at} ──\n` : "";
    return `${head}${cleanForTerminal(words).trimEnd()}\n`;
  });
  return parts.join("\n");
}

function text({ io }: Context, view: ResultOf<"show">): string {
  const ago = (iso: string) => `${localTime(iso)} (${ageOf(iso, io.now())} ago)`;
  const rows: [string, string | null][] = [
    ["status", `${view.status}${view.isPaused ? ", paused" : ""}${view.isArchived ? ", archived" : ""}`],
    ["because", view.because],
    ["held", view.held.join("; ")],
    ["needs you", view.attention === null ? null : view.attention.reason],
    ["next", commandOf(view)],
    ["set-up", view.setUp === undefined ? null : setUpText(view.setUp, io.now())],
    ["issue", view.issue === null ? null : `${issueTag(view.issue)} ${view.issue.title}`],
    ["summary", view.summary],
    [
      "activity",
      view.activity === null
        ? null
        : `${view.activity.state}${untilText(view.activity)}, reported by the ${view.activity.source}, since ${ago(view.activity.since)}`,
    ],
    ["agent", `${view.agent} in ${view.runtime}${view.pid === null ? "" : `, pid ${view.pid}`}`],
    ["before", view.formerAgents.join(", ")],
    ["permissions", view.permissions],
    ["branch", view.baseNote === null ? view.branch : `${view.branch}, ${view.baseNote}`],
    ["base", view.baseBranch],
    ["pr", prText(view.pr)],
    ["held comments", view.heldComments === 0 ? null : `${view.heldComments} (ao review held ${view.id})`],
    ["earlier prs", view.formerPrs.map(formerText).join("; ")],
    ["folder", view.workspacePath],
    ["cost", spentText(view.cost)],
    ["created", ago(view.createdAt)],
    ["last activity", ago(view.lastActivityAt)],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== null && row[1] !== "");
  const head = `${view.id} · ${oneLine(view.projectId)}\n${table(
    shown.map(([name, value]) => [name, oneLine(value, MAX_VALUE)]),
    { indent: "  " },
  )}`;
  return `${head}${questionText(view)}${checksSection(view.checks ?? [])}${list("notes", view.notes)}${list("messages", view.messages.map(messageText))}${outputText(view.lastOutput)}`;
}

function questionText({ id, question }: ResultOf<"show">): string {
  if (question === null) return "";
  const { choices, takesText, canAlways, onlyInTerminal } = question;
  const ways = [
    ...(choices.length > 0 ? [`1${choices.length > 1 ? `-${choices.length}` : ""}`] : []),
    ...(takesText ? ["free text"] : []),
  ];
  const how =
    onlyInTerminal === null
      ? `ao answer ${id} …  (${ways.join(" or ")}${canAlways ? "; --always" : ""})`
      : `ao attach ${id}  (${oneLine(onlyInTerminal)})`;
  return `\nquestion\n${[...questionLines(question), `→ ${how}`].map((each) => `  ${each}\n`).join("")}`;
}

/** Unlike in the table, the command is shown whole. */
function setUpText({ command, since, lastLine }: NonNullable<ResultOf<"show">["setUp"]>, nowMs: number): string {
  return `${command} (${ageOf(since, nowMs)})${lastLine === null ? "" : `: ${lastLine}`}`;
}

function prText(pr: ResultOf<"show">["pr"]): string | null {
  if (pr === null) return null;
  return `PR ${pr.number} ${pr.state} ${pr.state === "merged" ? "into" : "onto"} ${pr.baseBranch}, checks ${pr.ci}, review ${pr.review}, head ${pr.headSha.slice(0, 10)}${pr.fork === undefined ? "" : ` from the fork ${pr.fork}`} ${pr.url}`;
}

const formerText = ({ number, state, headSha, baseBranch }: ResultOf<"show">["formerPrs"][number]): string =>
  `PR ${number} ${state} ${state === "merged" ? "into" : "onto"} ${baseBranch} at ${headSha.slice(0, 10)}`;

function spentText(cost: ResultOf<"show">["cost"]): string | null {
  if (cost === null) return null;
  const { usd, knownUsd, tokens, kinds, model, unpriced, models } = cost;
  const total = costText({ usd, knownUsd: knownUsd ?? 0, tokens: tokens ?? 0 });
  const byKind = kinds === null ? "" : kindsText(kinds);
  const names = models.length > 1 ? models.map((each) => each.model ?? "unknown model").join(", ") : model;
  return [total, byKind, names, ...unpricedNote({ unpriced })].filter((part) => part).join("; ");
}

const kindsText = ({ input, output, cacheRead, cacheWrite }: Kinds): string =>
  `${tokenCount(input)} in, ${tokenCount(output)} out, cache ${tokenCount(cacheRead)} read, ${tokenCount(cacheWrite)} written`;

function untilText({ state, resetsAt }: NonNullable<ResultOf<"show">["activity"]>): string {
  if (state !== "limited") return "";
  return resetsAt ? ` until ${localTime(resetsAt)}` : ", the vendor does not say until when";
}

function messageText({ origin, state, heldFor, text, failure }: ResultOf<"show">["messages"][number]): string {
  const why = failure ?? heldFor;
  return `${state}${why === null ? "" : ` (${why})`} from ${origin}: ${text}`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `\n${title}\n${items.map((item) => `  ${oneLine(item, 300)}\n`).join("")}`;
}

function outputText(output: string | undefined): string {
  // A screen is mostly empty, so its blank lines are left out.
  const lines = cleanForTerminal(output ?? "")
    .trimEnd()
    .replace(/^(?:[ \t]*\n)+/, "")
    .replace(/\n(?:[ \t]*\n){2,}/g, "\n\n");
  return lines === ""
    ? ""
    : `\nlast output\n${lines
        .split("\n")
        .map((line) => `  │ ${line}\n`)
        .join("")}`;
}
