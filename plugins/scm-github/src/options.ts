import { ScmIdentity, ScmWebhook } from "@agent-orchestrator/core/model/config-plugin";
import { DraftMode, MergeMethod } from "@agent-orchestrator/core/model/pull-request";
import { AccessOptions } from "@agent-orchestrator/plugin-kit/github/options";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

/** The keys of `scm` with `plugin: github`. See docs/slots/scm.md. */
export const ScmOptions = z.strictObject({
  ...AccessOptions.shape,
  /** `turn-end`: `ao` opens the pull request when a turn ends with commits. `manual`: the agent or you do, with `ao pr create`. */
  openPr: z.enum(["turn-end", "manual"]).default("manual"),
  /** These two are read by core. */
  draft: DraftMode.default(false),
  replyOnFix: z.boolean().default(false),
  labels: z.array(z.string()).default([]),
  reviewers: z.array(z.string()).default([]),
  mergeMethod: MergeMethod.optional(),
  /** Delete the branch on GitHub after a merge. */
  deleteBranch: z.boolean().default(false),
  /** Who writes pull requests and comments for `ao` and its agents. What you say is said with your own token. */
  identity: ScmIdentity.optional(),
  /** Read by core. */
  agentToken: z.boolean().default(false),
  webhook: ScmWebhook.optional(),
});
export type ScmOptions = z.infer<typeof ScmOptions>;

export function parseOptions(config: Record<string, unknown> | undefined): ScmOptions {
  return checkedOptions(ScmOptions, config, { prefix: "scm", page: "docs/slots/scm.md" });
}
