import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Run } from "../command.ts";
import { runChild } from "../output/child.ts";

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
