import { resolve } from "node:path";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "init",
  group: "begin",
  position: 10,
  summary: "Write a config for a repository, or say what to fix first",
  args: "[path]",
  complete: "file",
  details:
    "Detects the remote, the default branch, installed agents, package scripts, and ignored files to copy. The config it writes is trusted.",
  options: [{ flags: "--dry-run", text: "print the config and write nothing" }],
  examples: [
    ["ao init", "for the current repository"],
    ["ao init --dry-run", "look at it first"],
  ],
};

export const run: Run = async (input, context) => {
  const [path] = input.args;
  const isDryRun = input.flag("dry-run");
  const params = {
    ...(path === undefined ? {} : { path: resolve(context.io.cwd(), path) }),
    ...(isDryRun ? { isDryRun } : {}),
  };
  const { data, meta } = await context.ask("init", params);
  const notes = data.notes.map((note) => `  ${oneLine(note, 500)}\n`).join("");
  const human = () => {
    if (isDryRun) return { verbatim: `# ${oneLine(data.path)}\n${cleanForTerminal(data.text).trimEnd()}\n` };
    return `wrote ${oneLine(data.path)}\n${notes}Next: run \`ao spawn\` with an issue number, or with --prompt.\n`;
  };
  context.show(data, human, meta);
  if (isDryRun && !context.isJson && notes !== "") context.io.err(notes);
  return 0;
};
