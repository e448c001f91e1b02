import { oneLine } from "@agent-orchestrator/core/model/text";
import type { TrustResult } from "@agent-orchestrator/core/protocol/results";
import type { CommandSpec, Context, Run } from "../command.ts";
import { saidNo } from "../output/confirmed.ts";
import { trustText } from "../output/trust.ts";

export const spec: CommandSpec = {
  name: "trust",
  group: "set-up",
  position: 50,
  summary: "Show what a config would run, and allow it",
  details:
    "Until you trust a config, nothing in it runs, loads, links or connects. A change that makes it looser, or a plugin whose files have changed, waits until you run it again. With --yes it does not ask.",
  options: [{ flags: "--dry-run", text: "only show what it would run" }],
  examples: [
    ["ao trust", "show it and ask"],
    ["ao trust --dry-run", "show it and trust nothing"],
  ],
};

export const run: Run = async (input, context) => {
  const { data: shown, meta } = await context.ask("trust", { isDryRun: true });
  if (input.flag("dry-run") || shown.isTrusted) {
    context.show(shown, () => ({ verbatim: text(context, shown) }), meta);
    return 0;
  }
  if (!context.isJson) context.io.err(trustText(context, shown));
  // Without a terminal to ask on, running `ao trust` is the answer.
  const answer = await context.confirm(`Trust ${shown.configPath}?`);
  if (answer === false) return saidNo(context);
  const { data } = await context.ask("trust", { pin: shown.pin });
  context.show(data, () => `${oneLine(data.configPath)} is trusted\n`, meta);
  return 0;
};

function text(context: Context, shown: TrustResult): string {
  return `${oneLine(shown.configPath)} is ${shown.isTrusted ? "trusted" : "not trusted"}. It runs:\n${trustText(context, shown)}`;
}
