import { z } from "zod";
import { DraftMode, MergeMethod } from "./pull-request.ts";
import { parseDuration } from "./time.ts";

/** A plugin's name, or the npm package it comes from. */
export const PluginName = z
  .string()
  .max(200)
  .regex(/^(?:@[a-z0-9][\w.-]*\/)?[A-Za-z0-9][\w.-]*$/, "not the name of a plugin or npm package");

/** `runtime: tmux`, or a map with `plugin` and that plugin's options. The plugin checks those when it is created. */
export const SlotChoice = z.union([
  PluginName,
  z.looseObject({ plugin: PluginName.optional().describe("Name of the plugin. Default: the slot's default.") }),
]);
export type SlotChoice = z.infer<typeof SlotChoice>;

/** One command of a CI that the scm runs itself. */
export const CiCommand = z.strictObject({
  name: z.string().min(1).max(100).describe("Name of the check."),
  run: z.string().min(1).max(16_384).describe("Command line. Runs in a checkout of the exact commit."),
  timeout: z
    .union([z.string(), z.number()])
    .refine((value) => parseDuration(value) !== null, "must be a duration such as `1h`")
    .optional()
    .describe("Time limit, such as `10m`, after which the check fails."),
});

/** Where the daemon of a project receives the forge's webhooks, for an scm that knows them. */
export const ScmWebhook = z.strictObject({
  path: z
    .string()
    .max(200)
    .regex(/^\/[A-Za-z0-9._~/-]*$/, "must be a path such as `/github`")
    .describe("Path of the address that the forwarder posts to, such as `/github`."),
  secret: z.string().min(1).max(4096).describe("The webhook's secret, which signs each delivery."),
  port: z.int().min(1).max(65_535).default(3017).describe("Port on the loopback interface."),
});
export type ScmWebhook = z.infer<typeof ScmWebhook>;

/** Another account on the forge, such as a bot's. */
export const ScmIdentity = z.strictObject({
  token: z.string().min(1).max(4096).describe("The token of that account."),
});
export type ScmIdentity = z.infer<typeof ScmIdentity>;

/** The scm slot: options that every scm understands, and those of the chosen plugin. */
export const ScmChoice = z.union([
  PluginName,
  z.looseObject({
    plugin: PluginName.optional().describe("Name of the plugin. Default: the slot's default."),
    ci: z.array(CiCommand).max(100).optional().describe("The project's CI, for an scm that runs it itself."),
    ciSetup: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe("Commands that prepare CI's checkout. Default: `postCreate`."),
    requiredReviews: z
      .int()
      .min(0)
      .max(10)
      .optional()
      .describe("Approvals required to merge, if no forge decides that."),
    openPr: z.enum(["turn-end", "manual"]).optional().describe("When a branch with commits becomes a pull request."),
    draft: DraftMode.optional().describe(
      "Open pull requests as drafts. `until-green`: until their checks pass. Otherwise until `ao ready`.",
    ),
    replyOnFix: z
      .boolean()
      .optional()
      .describe("After the agent's fix, reply in each review thread that it was sent, and resolve the thread."),
    mergeMethod: MergeMethod.optional().describe("How pull requests are merged."),
    identity: ScmIdentity.optional().describe("The account that pull requests and comments of `ao` are written with."),
    agentToken: z
      .boolean()
      .optional()
      .describe("Give agents the forge's token in their environment. Otherwise it is kept from them."),
    webhook: ScmWebhook.optional().describe("Receive the forge's webhooks, which make the daemon look at once."),
  }),
]);
export type ScmChoice = z.infer<typeof ScmChoice>;

/** Options of the agent. Every agent plugin accepts those named here, and ignores what it has no use for. */
export const AgentOptions = z.looseObject({
  model: z.string().max(200).optional().describe("Model, by the agent's name for it."),
  permissions: z
    .enum(["default", "edits", "auto", "skip"])
    .optional()
    .describe(
      "`default`: the agent's own asking mode. `edits`: edits files freely, runs commands in `allow`, asks about the rest. `auto`, `skip`: never asks.",
    ),
  resumeAfterLimit: z
    .boolean()
    .optional()
    .describe("Tell the agent to continue when its vendor's usage limit ends. Otherwise you are notified."),
  allow: z
    .array(z.string().max(1000))
    .max(1000)
    .optional()
    .describe(
      "Beginnings of commands that run without a question, such as `npm test`. ` *` at the end allows any further words.",
    ),
  command: z
    .union([z.string().max(4096), z.array(z.string().max(100_000)).max(1000)])
    .optional()
    .describe("Program to run, as a list or one line, for the agent `command`."),
  args: z
    .array(z.string().max(100_000))
    .max(1000)
    .optional()
    .describe("More arguments. For the agent `command`, `{prompt}` and `{promptFile}` are replaced."),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, "not the name of a variable"), z.string().max(100_000))
    .optional()
    .describe("Environment variables, in addition to the session's."),
});
export type AgentOptions = z.infer<typeof AgentOptions>;

/** Options with the same meaning for every agent. They also apply to an agent of another plugin. A model's name means nothing to another vendor. */
export const COMMON_AGENT_OPTIONS = [
  "permissions",
  "allow",
  "resumeAfterLimit",
] as const satisfies readonly (keyof AgentOptions)[];

/** An agent plugin with its own options, under a name that the user chooses: a cheap one, one with another account, … */
export const AgentVariant = AgentOptions.extend({
  plugin: PluginName.describe("Name of the agent plugin."),
});
export type AgentVariant = z.infer<typeof AgentVariant>;

/** Where plugins that are not built in come from. */
export const PluginSource = z.union([
  PluginName,
  z.strictObject({ path: z.string().min(1).max(4096).describe("File of a local plugin, TypeScript or JavaScript.") }),
  z.strictObject({ package: PluginName.describe("npm package, found from the config's folder.") }),
]);
export type PluginSource = z.infer<typeof PluginSource>;

/** A notification channel, under a name that the user chooses. */
export const NotifierEntry = z.looseObject({
  plugin: PluginName.optional().describe("Name of the plugin. Default: the entry's name."),
});
export type NotifierEntry = z.infer<typeof NotifierEntry>;
