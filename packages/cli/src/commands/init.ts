import { resolve } from "node:path";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/host/text";
import type { Run } from "../command.ts";

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
