import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";

const MIB = 1024 * 1024;

export const ProcessOptions = z.strictObject({
  /** `auto`: a terminal if the prebuilt pty is installed, else pipes. */
  terminal: z.enum(["auto", "pipe"]).default("auto"),
  /** How much of the newest output is kept for each agent. */
  outputBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .max(256 * MIB)
    .default(2 * MIB),
  /** Between TERM and KILL. */
  graceMs: z.number().int().min(0).max(60_000).default(5_000),
  /** Leaves an attached terminal: Ctrl and one of these. */
  detachKey: z
    .string()
    .regex(/^C-[a-z\]\\^_]$/)
    .default("C-]"),
});
export type ProcessOptions = z.infer<typeof ProcessOptions>;

export function parseOptions(config: Record<string, unknown>): ProcessOptions {
  const parsed = ProcessOptions.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new AoError("CONFIG", `options of the runtime \`process\`: ${z.prettifyError(parsed.error)}`, {
    hint: `The keys are ${Object.keys(ProcessOptions.shape).join(", ")}.`,
  });
}
