import { z } from "zod";
import { AgentOptions, ScmChoice, SlotChoice } from "./config-plugin.ts";
import { CiInput, ProjectLimitsInput } from "./config-policy.ts";
import { ReactionInput, ReactionKey } from "./reaction.ts";
import { DurationMs } from "./time.ts";

/** First part of a session's id. It has no dash, so that `{prefix}-{n}` splits in only one way. */
export const SessionPrefix = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_]{0,39}$/, "must consist of at most 40 letters, digits and _ (no dash)");

const Repo = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:\/[A-Za-z0-9._-]{1,100}){1,3}$/, "not of the form owner/name");

/** A branch name that can't be mistaken for an option, a range or a revision. */
const Branch = z
  .string()
  .max(200)
  .regex(
    /^(?!-)(?!.*(?:\.\.|@\{|\/\/|\.lock(?:\/|$)))[^\s~^:?*[\\\u0000-\u001f\u007f]+(?<![/.])$/,
    "not a branch name",
  );

/** A path that stays inside the folder it is relative to. */
const Inside = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) => !path.startsWith("/") && !path.startsWith("~") && !path.split(/[\\/]/).includes(".."),
    "must be a path inside the project, without `..`",
  );

const Commands = z.array(z.string().min(1).max(16_384)).max(100);

export const ReactionsInput = z.partialRecord(ReactionKey, ReactionInput);

/** One repository, as written. Everything is optional. What is absent comes from the layers below and the defaults. */
export const ProjectInput = z.strictObject({
  name: z.string().min(1).max(200).optional().describe("Name to show. Default: the project's id."),
  repo: Repo.optional().describe("`owner/name` on the forge. If absent, tracker and scm are local."),
  path: z.string().min(1).max(4096).optional().describe("The repository. Default: the config's folder."),
  defaultBranch: Branch.optional().describe("Base of new branches. Default: the repository's own."),
  sessionPrefix: SessionPrefix.optional().describe(
    "First part of session ids. Default: derived from the project's id.",
  ),
  runtime: SlotChoice.optional().describe("Where agents run."),
  agent: SlotChoice.optional().describe("Which program does the work."),
  workspace: SlotChoice.optional().describe("How each session gets its own checkout."),
  tracker: SlotChoice.optional().describe("Where issues come from."),
  trackers: z
    .array(SlotChoice)
    .min(1)
    .max(8)
    .optional()
    .describe("Several trackers, instead of `tracker`. Each is asked whether an issue is its own."),
  scm: ScmChoice.optional().describe("Where pull requests, CI and reviews are."),
  terminal: SlotChoice.optional().describe("How `ao open` shows a session."),
  agentConfig: AgentOptions.optional().describe("Options of the agent."),
  agentRules: z.string().max(65_536).optional().describe("Rules added to every first prompt."),
  agentRulesFile: Inside.optional().describe("The same from a file in the repository."),
  symlinks: z.array(Inside).max(200).optional().describe("Paths to link from the repository into each checkout."),
  copy: z
    .array(Inside)
    .max(200)
    .optional()
    .describe("Files to copy into each checkout, as globs, in addition to `.worktreeinclude`."),
  postCreate: Commands.optional().describe("Commands that prepare a new checkout before the agent starts."),
  postCreateTimeout: DurationMs.optional().describe("Time limit for all of them together.").meta({ standard: "15m" }),
  preDestroy: Commands.optional().describe("Commands to run before a checkout is removed."),
  ports: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe("Ports leased to each session: `$AO_PORT`, `$AO_PORT_0`, …")
    .meta({ standard: 10 }),
  cwd: Inside.optional().describe("Folder in the checkout in which the agent starts."),
  sparse: z.array(Inside).max(500).optional().describe("Folders of a sparse checkout."),
  worktreeDir: z.string().min(1).max(4096).optional().describe("Where checkouts go; default: below `$AO_HOME`."),
  branch: z
    .string()
    .max(200)
    .regex(/^[\w{}./+=@#%-]+$/, "must consist of letters, digits, `/ . _ -` and {user} {issue} {slug}")
    .optional()
    .describe("Template of branch names, with {user}, {issue} and {slug}. Default: the tracker's."),
  ci: CiInput.optional().describe("How to read CI results."),
  limits: ProjectLimitsInput.optional().describe("Limits, within those of the config and the machine."),
  reactions: ReactionsInput.optional().describe("Responses to problems. They override those of the whole config."),
});
export type ProjectInput = z.infer<typeof ProjectInput>;
