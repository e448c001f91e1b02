import { z } from "zod";
import { AgentOptions, ScmChoice, SlotChoice } from "./config-plugin.ts";
import { CiInput, ProjectLimitsInput } from "./config-policy.ts";
import { ReactionInput, ReactionKey } from "./reaction.ts";
import { DurationMs } from "./time.ts";

/** First part of a session's id. No dash: `{prefix}-{n}` must split in one way only. */
export const SessionPrefix = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_]{0,39}$/, "letters, digits and _ only, at most 40 (no dash)");

const Repo = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:\/[A-Za-z0-9._-]{1,100}){1,3}$/, "not of the form owner/name");

/** A branch name that can't be taken for an option, a range or a revision. */
const Branch = z
  .string()
  .max(200)
  .regex(
    /^(?!-)(?!.*(?:\.\.|@\{|\/\/|\.lock(?:\/|$)))[^\s~^:?*[\\\u0000-\u001f\u007f]+(?<![/.])$/,
    "not a branch name",
  );

/** A path that stays below the folder it is relative to. */
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

/** One repository, as written. Everything is optional; what is absent comes from the layers below and the defaults. */
export const ProjectInput = z.strictObject({
  name: z.string().min(1).max(200).optional().describe("For humans; default: the project's id."),
  repo: Repo.optional().describe("`owner/name` on the forge; absent: tracker and scm are local."),
  path: z.string().min(1).max(4096).optional().describe("The repository; default: the config's folder."),
  defaultBranch: Branch.optional().describe("Base of new branches; default: the repository's own."),
  sessionPrefix: SessionPrefix.optional().describe("First part of session ids; default: from the project's id."),
  runtime: SlotChoice.optional().describe("Where agents run."),
  agent: SlotChoice.optional().describe("Which program works."),
  workspace: SlotChoice.optional().describe("How each session gets its own checkout."),
  tracker: SlotChoice.optional().describe("Where issues come from."),
  scm: ScmChoice.optional().describe("Where pull requests, CI and reviews are."),
  terminal: SlotChoice.optional().describe("How `ao open` shows a session."),
  agentConfig: AgentOptions.optional().describe("Options of the agent."),
  agentRules: z.string().max(65_536).optional().describe("Rules added to every first prompt."),
  agentRulesFile: Inside.optional().describe("The same from a file in the repository."),
  symlinks: z.array(Inside).max(200).optional().describe("Linked from the repository into each checkout."),
  copy: z.array(Inside).max(200).optional().describe("Copied into each checkout; globs; `.worktreeinclude` too."),
  postCreate: Commands.optional().describe("Commands that make a new checkout ready, before the agent starts."),
  postCreateTimeout: DurationMs.optional().describe("Time limit for all of them.").meta({ standard: "15m" }),
  preDestroy: Commands.optional().describe("Commands to run before a checkout is removed."),
  ports: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe("Ports leased to each session: `$AO_PORT`, `$AO_PORT_0`, …")
    .meta({ standard: 10 }),
  cwd: Inside.optional().describe("Folder in the checkout where the agent starts."),
  sparse: z.array(Inside).max(500).optional().describe("Folders of a sparse checkout."),
  worktreeDir: z.string().min(1).max(4096).optional().describe("Where checkouts go; default: below `$AO_HOME`."),
  branch: z
    .string()
    .max(200)
    .regex(/^[\w{}./+=@#%-]+$/, "letters, digits, `/ . _ -` and {user} {issue} {slug} only")
    .optional()
    .describe("Template of branch names with {user}, {issue} and {slug}; default: the tracker's."),
  ci: CiInput.optional().describe("How CI's answers are read."),
  limits: ProjectLimitsInput.optional().describe("Bounds, below those of the config and the machine."),
  reactions: ReactionsInput.optional().describe("Answers to problems, over those of the whole config."),
});
export type ProjectInput = z.infer<typeof ProjectInput>;
