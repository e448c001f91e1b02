import { DraftMode, MergeMethod } from "@agent-orchestrator/core/model/pull-request";
import { DurationMs } from "@agent-orchestrator/core/model/time";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

/** One command of the project's own CI. `run` is a shell line of the trusted config. */
export const CiCommand = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .refine((name) => !/[\u0000-\u001f\u007f]/.test(name), "the name of a check must be one printable line"),
  run: z.string().min(1),
  timeout: DurationMs.default(600_000),
});
export type CiCommand = z.infer<typeof CiCommand>;

/** Options of `scm: {plugin: local, …}`. `openPr`, `draft` and `replyOnFix` are read by core, but they belong to this plugin. */
export const ScmOptions = z.strictObject({
  ci: z
    .array(CiCommand)
    .default([])
    .refine((list) => new Set(list.map((check) => check.name)).size === list.length, "two checks have the same name"),
  /** Commands that prepare a checkout for CI. Default: the project's `postCreate`. */
  ciSetup: z
    .union([z.string().transform((line) => [line]), z.array(z.string())])
    .nullable()
    .default(null),
  ciSetupTimeout: DurationMs.nullable().default(null),
  /** Where CI's checkouts are: a folder with one folder per project. */
  ciDir: z.string().min(1).nullable().default(null),
  /** How long a branch's tip must be unchanged before CI starts. */
  ciSettle: DurationMs.default(1_000),
  /** How much of each log is kept (its beginning and its end). A command that prints 64 times as much is ended. */
  ciMaxLogBytes: z
    .number()
    .int()
    .min(4_096)
    .max(64 << 20)
    .default(1 << 20),
  requiredReviews: z.number().int().min(0).max(10).default(1),
  openPr: z.enum(["turn-end", "manual"]).default("turn-end"),
  draft: DraftMode.default(false),
  replyOnFix: z.boolean().default(false),
  mergeMethod: MergeMethod.nullable().default(null),
});
export type ScmOptions = z.infer<typeof ScmOptions>;

export function parseOptions(options: Record<string, unknown> | undefined): ScmOptions {
  return checkedOptions(ScmOptions, options, {
    prefix: "scm",
    page: "docs/slots/scm.md for the options of scm `local`",
  });
}
