import { AccessOptions, parseRepo } from "@agent-orchestrator/plugin-kit/github/options";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

/** The keys of `tracker` with `plugin: github`. See docs/slots/tracker.md. */
export const Options = z.strictObject({
  ...AccessOptions.shape,
  /** Where the issues are, if not in the project's own repository. */
  repo: z
    .string()
    .refine((text) => parseRepo(text) !== null, "must be `owner/name`")
    .optional(),
  /** An issue with this label is in progress. */
  inProgressLabel: z.string().min(1).default("in progress"),
  /** Read by core: a session's issue is assigned to the token's user and gets the label `inProgressLabel` while the session lives. */
  claim: z.boolean().default(false),
  /** Read by core: the issue is closed when its pull request merges. GitHub does it as well, for `Fixes #42`. */
  closeOnMerge: z.boolean().default(true),
});
export type Options = z.infer<typeof Options>;

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  return checkedOptions(Options, config, { prefix: "tracker", page: "docs/slots/tracker.md" });
}
