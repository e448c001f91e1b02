import { z } from "zod";
import { MergeMethod } from "./pull-request.ts";
import { parseDuration } from "./time.ts";

/** A plugin's name, or the npm package it comes from. */
export const PluginName = z
  .string()
  .max(200)
  .regex(/^(?:@[a-z0-9][\w.-]*\/)?[A-Za-z0-9][\w.-]*$/, "not a name of a plugin or npm package");

/** `runtime: tmux`, or a map with `plugin` and that plugin's own options. The plugin checks those when it is created. */
export const SlotChoice = z.union([
  PluginName,
  z.looseObject({ plugin: PluginName.optional().describe("Name of the plugin; default: the slot's default.") }),
]);
export type SlotChoice = z.infer<typeof SlotChoice>;

/** One command of a CI that the scm runs itself. */
export const CiCommand = z.strictObject({
  name: z.string().min(1).max(100).describe("Name of the check."),
  run: z.string().min(1).max(16_384).describe("Command line, run in a checkout of the exact commit."),
  timeout: z
    .union([z.string(), z.number()])
    .refine((value) => parseDuration(value) !== null, "not a duration (write 30s, 5m, 1h or 7d)")
    .optional()
    .describe("Time limit, such as `10m`; the check fails when it is over."),
});

/** The scm slot: what every scm understands, and the options of the chosen plugin. */
export const ScmChoice = z.union([
  PluginName,
  z.looseObject({
    plugin: PluginName.optional().describe("Name of the plugin; default: the slot's default."),
    ci: z.array(CiCommand).max(100).optional().describe("The project's CI, for an scm that runs it itself."),
    ciSetup: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe("Commands that make CI's checkout ready; default: `postCreate`."),
    requiredReviews: z
      .int()
      .min(0)
      .max(10)
      .optional()
      .describe("Approvals that a merge needs, where no service says so."),
    openPr: z.enum(["turn-end", "manual"]).optional().describe("When a branch with commits becomes a pull request."),
    mergeMethod: MergeMethod.optional().describe("How pull requests are merged."),
  }),
]);
export type ScmChoice = z.infer<typeof ScmChoice>;

/** Options of the agent. Every agent plugin takes those that are named here; what it has no use for it leaves unused. */
export const AgentOptions = z.looseObject({
  model: z.string().max(200).optional().describe("Model, in the agent's own words."),
  permissions: z
    .enum(["default", "edits", "auto", "skip"])
    .optional()
    .describe(
      "`default`: the agent asks as it does by itself. `edits`: file edits are free, commands by `allow`. `auto`, `skip`: never asks.",
    ),
  resumeAfterLimit: z
    .boolean()
    .optional()
    .describe("When a usage limit of the agent's vendor is over, the agent is told to go on; else you are told."),
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
    .describe("Program to run, as words or one line, for an agent that is any program."),
  args: z
    .array(z.string().max(100_000))
    .max(1000)
    .optional()
    .describe("More words for it; for an agent that is any program, `{prompt}` and `{promptFile}` are replaced."),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, "not a name of a variable"), z.string().max(100_000))
    .optional()
    .describe("Variables of its environment, beside those of the session."),
});
export type AgentOptions = z.infer<typeof AgentOptions>;

/** Options with one meaning for every agent: they go along to an agent of another plugin. A model's name means nothing to another vendor. */
export const COMMON_AGENT_OPTIONS = [
  "permissions",
  "allow",
  "resumeAfterLimit",
] as const satisfies readonly (keyof AgentOptions)[];

/** An agent plugin with options of its own, under a name of the user's choice: a cheap one, one with another account, … */
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

/** A way to the human, under a name of the user's choice. */
export const NotifierEntry = z.looseObject({
  plugin: PluginName.optional().describe("Name of the plugin; default: the entry's own name."),
});
export type NotifierEntry = z.infer<typeof NotifierEntry>;
