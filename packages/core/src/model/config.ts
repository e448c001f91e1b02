import { z } from "zod";
import { AgentVariant, NotifierEntry, PluginName, PluginSource } from "./config-plugin.ts";
import {
  CiInput,
  CleanupInput,
  LimitsInput,
  Port,
  QuietInput,
  RemindInput,
  RoutingInput,
  TrustInput,
} from "./config-policy.ts";
import { ProjectInput, ReactionsInput } from "./config-project.ts";
import { ProjectId } from "./ids.ts";
import { PricesInput } from "./prices.ts";
import { DurationMs } from "./time.ts";

/** Accepted without effect, because the dashboard has one port. */
const Unused = z.unknown().optional().describe("Accepted without effect.");

export const DefaultsInput = z.strictObject({
  runtime: PluginName.optional().describe("Where agents run."),
  agent: PluginName.optional().describe("Which program does the work."),
  workspace: PluginName.optional().describe("How each session gets its own checkout."),
  tracker: PluginName.optional().describe("Where issues come from."),
  scm: PluginName.optional().describe("Where pull requests, CI and reviews are."),
  terminal: PluginName.optional().describe("How `ao open` shows a session. Your own setting wins."),
  notifiers: z.array(z.string().min(1).max(100)).max(50).optional().describe("Where notifications go that need you."),
  terminalPort: Unused,
  directTerminalPort: Unused,
});

/** One config file, as written: `agent-orchestrator.yaml`, its `.local.yaml`, or the user's `config.yaml`. */
export const ConfigInput = z.strictObject({
  port: Port.optional()
    .describe("Port of the dashboard. If it is taken, the next one that is free is used.")
    .meta({ standard: 3000 }),
  dashboard: z
    .boolean()
    .optional()
    .describe("Whether the daemon always serves the dashboard. Without it, `ao dashboard` opens it.")
    .meta({ standard: false }),
  readyThresholdMs: DurationMs.optional()
    .describe("How long an agent must be ready to count as idle.")
    .meta({ standard: "5m" }),
  limits: LimitsInput.optional().describe("Limits. The smaller one of yours and this config's applies."),
  prices: PricesInput.optional().describe(
    "USD per million tokens, by a model's name or the beginning of it. Your own entries win.",
  ),
  defaults: DefaultsInput.optional().describe("Plugins of every project."),
  plugins: z.array(PluginSource).max(100).optional().describe("Plugins that are not built in."),
  trust: TrustInput.optional().describe("Who may cause a message to an agent."),
  cleanup: CleanupInput.optional().describe("When the daemon removes what has ended: a duration or `never`."),
  ci: CiInput.optional().describe("How CI's answers are read."),
  agents: z
    .record(z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "must consist of letters, digits, _, - and ."), AgentVariant)
    .optional()
    .describe("Variants of agents, by name. Use them as `agent`, with `--agent` and with `ao handoff`."),
  projects: z.record(ProjectId, ProjectInput).optional().describe("The repositories, by id."),
  notifiers: z
    .record(z.string().regex(/^[A-Za-z0-9][\w-]{0,99}$/, "must consist of letters, digits, _ and -"), NotifierEntry)
    .optional()
    .describe("Notification channels, by name. Your own entries win."),
  notificationRouting: RoutingInput.optional().describe("Which notifiers get which priority. Your own setting wins."),
  quiet: QuietInput.optional().describe("Quiet hours: notifications wait until they end. Your own setting wins."),
  remindAfter: RemindInput.optional().describe(
    "Remind you of a notification that needs you and that nobody took up: after this time, or a list of times, each with its notifiers. Your own setting wins.",
  ),
  reactions: ReactionsInput.optional().describe("Responses to problems, merged key by key over the defaults."),
  terminalPort: Unused,
  directTerminalPort: Unused,
});
export type ConfigInput = z.infer<typeof ConfigInput>;

/** Keys from similar tools. They are accepted with a warning that says why they have no effect. */
export const UNUSED_KEYS: Readonly<Record<string, string>> = {
  terminalPort: "the dashboard and its terminals share `port`",
  directTerminalPort: "the dashboard and its terminals share `port`",
};
