import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ParamsOf } from "@agent-orchestrator/daemon/requests";
import type { CommandSpec, Context, Input, Run } from "../command.ts";
import { issueTag } from "../output/session-cells.ts";
import { readStdin } from "../output/stdin.ts";
import { whileStarting } from "../output/while-starting.ts";

export const spec: CommandSpec = {
  name: "spawn",
  group: "begin",
  position: 20,
  summary: "Give an issue or a prompt to an agent in its own worktree and terminal",
  args: "[words...]",
  complete: "project",
  details:
    "The first word is the project, if it is the id of one. Inside the project's folder you can leave it out. An issue is 42, #42 or a URL. Several issues are all checked before any session starts. The command returns when the agent is running or the session is queued.",
  options: [
    { flags: "-p, --prompt <text>", text: "the task in your own words, or - to read it from stdin" },
    { flags: "-e, --edit", text: "write the task in your editor" },
    { flags: "--agent <name>", text: "agent of the session", complete: "agent" },
    { flags: "--model <name>", text: "model of the agent" },
    { flags: "--runtime <name>", text: "where the agent runs", complete: "runtime" },
    { flags: "--workspace <name>", text: "how the checkout is created", complete: "workspace" },
    { flags: "--base <branch>", text: "start from this branch, or from the branch of this session" },
    { flags: "--pr <number>", text: "take over this existing pull request, on its branch" },
    { flags: "--branch <name>", text: "work on this branch, which may exist already" },
    {
      flags: "--after <session|issue>",
      text: "start only when this is merged, done or closed; can be repeated",
      isList: true,
      complete: "session",
    },
    { flags: "--again", text: "start even if a session for the issue is running" },
    { flags: "--attach", text: "attach to its terminal" },
    { flags: "--open", text: "open its terminal with the terminal plugin" },
    { flags: "--dry-run", text: "check everything and start nothing" },
  ],
  examples: [
    ["ao spawn my-app 42", "one issue"],
    ["ao spawn 42 43 44", "three sessions, inside the project's folder"],
    ['ao spawn --prompt "upgrade the linter"', "a task without an issue"],
    ["ao spawn --pr 17", "continue an existing pull request"],
    ["ao spawn 42 43 --after 41", "start both when issue 41 is closed, or its session is merged or done"],
    ["ao spawn 42 --agent codex --attach", "choose the agent and watch it"],
  ],
};

const NAMES = ["agent", "model", "runtime", "workspace", "base", "branch", "pr"] as const;

export const run: Run = async (input, context) => {
  if (input.flag("attach") && context.isJson) throw new AoError("USAGE", "--attach and --json cannot be combined");
  const params = await paramsOf(input, context);
  const { data, meta } = await whileStarting(context, { text: "starting", session: null }, (tell) =>
    context.ask("spawn", params, { onProgress: tell }),
  );
  context.show(data, () => data.map((view) => spawnedText(view, input.flag("dry-run"))).join(""), meta);
  const [first, second] = data;
  if (first === undefined || input.flag("dry-run")) return 0;
  if (input.flag("open")) {
    for (const view of data) await context.ask("open", { target: view.id });
  }
  if (!input.flag("attach")) return 0;
  if (second !== undefined) throw new AoError("USAGE", "--attach works with one session, but several were started");
  if (first.status === "queued") {
    context.io.err(`ao: ${first.id} is queued, run \`ao attach ${first.id}\` when it has started\n`);
    return 0;
  }
  const { attachTo } = await import("./attach.ts");
  return await attachTo(context, first.id);
};

async function paramsOf(input: Input, context: Context): Promise<ParamsOf<"spawn">> {
  const prompt = await promptOf(input, context);
  const chosen = NAMES.flatMap((name) => {
    const value = input.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    words: input.args,
    ...(prompt === undefined ? {} : { prompt }),
    ...Object.fromEntries(chosen),
    ...(input.list("after").length === 0 ? {} : { after: input.list("after") }),
    ...(input.flag("again") ? { isAgain: true } : {}),
    ...(input.flag("dry-run") ? { isDryRun: true } : {}),
  };
}

async function promptOf(input: Input, { io, isJson }: Context): Promise<string | undefined> {
  const given = input.text("prompt");
  const prompt = given === "-" ? await readStdin(io) : given;
  if (!input.flag("edit")) {
    if (prompt !== undefined && prompt.trim() === "") throw new AoError("USAGE", "the prompt is empty");
    return prompt;
  }
  if (isJson || !io.isInTty)
    throw new AoError("USAGE", "-e needs a terminal", { hint: "Read the prompt from stdin with --prompt -." });
  const { editText } = await import("../output/editor.ts");
  const text = editText(io, {
    begin: prompt ?? "",
    about: `The task for ${oneLine(input.args.join(" ") || "a new session")}.`,
  });
  if (text.trim() === "") throw new AoError("USAGE", "the prompt is empty, nothing was started");
  return text;
}

function spawnedText(view: SessionView, isDryRun: boolean): string {
  const issue = view.issue === null ? "" : `  ${issueTag(view.issue)} ${oneLine(view.issue.title, 60)}`;
  const head = isDryRun
    ? `${view.id} would ${view.queuedFor === null ? "start" : "be queued"}`
    : `${view.id} ${view.status === "queued" ? "is queued" : "is running"}`;
  const lines = [
    `${head}${issue}`,
    `  branch ${oneLine(view.branch)}${view.baseNote === null ? "" : `, ${oneLine(view.baseNote)}`}`,
  ];
  if (view.queuedFor !== null) lines.push(`  waiting: ${oneLine(view.queuedFor)}`);
  for (const note of view.notes) lines.push(`  note: ${oneLine(note)}`);
  if (!isDryRun && view.status !== "queued") lines.push(`  watch it: ao attach ${view.id}`);
  return `${lines.join("\n")}\n`;
}
