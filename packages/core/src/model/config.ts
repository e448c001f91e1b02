import { z } from "zod";
import { AgentVariant, NotifierEntry, PluginName, PluginSource } from "./config-plugin.ts";
import { CiInput, CleanupInput, LimitsInput, Port, RoutingInput, TrustInput } from "./config-policy.ts";
import { ProjectInput, ReactionsInput } from "./config-project.ts";
import { ProjectId } from "./ids.ts";
import { PricesInput } from "./prices.ts";
import { DurationMs } from "./time.ts";

/** Accepted and without effect: the dashboard has one port. */
const Unused = z.unknown().optional().describe("Accepted and without effect.");

export const DefaultsInput = z.strictObject({
  runtime: PluginName.optional().describe("Where agents run."),
  agent: PluginName.optional().describe("Which program works."),
  workspace: PluginName.optional().describe("How each session gets its own checkout."),
  tracker: PluginName.optional().describe("Where issues come from."),
  scm: PluginName.optional().describe("Where pull requests, CI and reviews are."),
  terminal: PluginName.optional().describe("How `ao open` shows a session. The user's own wins."),
  notifiers: z.array(z.string().min(1).max(100)).max(50).optional().describe("Who hears of what needs the human."),
  terminalPort: Unused,
  directTerminalPort: Unused,
});

/** One config file, as written: `agent-orchestrator.yaml`, its `.local.yaml`, or the user's `config.yaml`. */
export const ConfigInput = z.strictObject({
  port: Port.optional().describe("Port of the dashboard; when it is taken, another one.").meta({ standard: 3000 }),
  readyThresholdMs: DurationMs.optional()
    .describe("An agent that is ready this long is idle.")
    .meta({ standard: "5m" }),
  limits: LimitsInput.optional().describe("Bounds. Of the user's and this config's the smaller one holds."),
  prices: PricesInput.optional().describe(
    "USD per million tokens, by a model's name or the beginning of it. The user's own entries win.",
  ),
  defaults: DefaultsInput.optional().describe("Plugins of every project."),
  plugins: z.array(PluginSource).max(100).optional().describe("Plugins that are not built in."),
  trust: TrustInput.optional().describe("Who may cause a message to an agent."),
  cleanup: CleanupInput.optional().describe("When the daemon removes what has ended; a duration or `never`."),
  ci: CiInput.optional().describe("How CI's answers are read."),
  agents: z
    .record(z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "letters, digits, _, - and . only"), AgentVariant)
    .optional()
    .describe("Variants of agents, by name: usable as `agent`, with `--agent` and for `ao handoff`."),
  projects: z.record(ProjectId, ProjectInput).optional().describe("The repositories, by id."),
  notifiers: z
    .record(z.string().regex(/^[A-Za-z0-9][\w-]{0,99}$/, "letters, digits, _ and - only"), NotifierEntry)
    .optional()
    .describe("Ways to the human, by name. The user's own entries win."),
  notificationRouting: RoutingInput.optional().describe("Which notifiers hear of which priority. The user's wins."),
  reactions: ReactionsInput.optional().describe("Answers to problems; merged key by key over the defaults."),
  terminalPort: Unused,
  directTerminalPort: Unused,
});
export type ConfigInput = z.infer<typeof ConfigInput>;

/** Keys that other systems of this kind know: accepted, with a warning that says why nothing happens. */
export const UNUSED_KEYS: Readonly<Record<string, string>> = {
  terminalPort: "the dashboard and its terminals share `port`",
  directTerminalPort: "the dashboard and its terminals share `port`",
};
