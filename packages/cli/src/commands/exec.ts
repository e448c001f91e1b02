import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Run } from "../command.ts";
import { runChild } from "../output/child.ts";

export const spec: CommandSpec = {
  name: "exec",
  group: "work",
  position: 70,
  summary: "Run a command in a session's worktree, with its environment",
  args: "<session> [command...]",
  complete: "session",
  isPassThrough: true,
  details: "Exits with the status of that command.",
  examples: [
    ["ao exec app-1 -- npm test", "run its tests"],
    ["ao exec app-1 -- git log --oneline -3", "its last commits"],
  ],
};

export const run: Run = async (input, context) => {
  const [session = "", ...words] = input.args;
  const argv = words[0] === "--" ? words.slice(1) : words;
  if (argv.length === 0) {
    throw new AoError("USAGE", "no command given", { hint: `For example, \`ao exec ${session} -- git status\`.` });
  }
  const { data } = await context.ask("exec", { session });
  const end = await runChild(argv, { cwd: data.cwd, env: { ...data.env, PWD: data.cwd }, isCaptured: context.isJson });
  if (context.isJson) {
    context.show({ session, cwd: data.cwd, exitCode: end.status, stdout: end.stdout, stderr: end.stderr }, () => "");
  }
  return end.status;
};
