import { z } from "zod";
import { Priority } from "./status.ts";
import { DurationMs } from "./time.ts";

export const Port = z.int().min(0).max(65_535);

const Dollars = z.number().positive().max(1e9);
const Tokens = z.int().positive().max(1e15);

/** One number for each session, or one per scope. */
const boundsOf = (amount: z.ZodNumber) =>
  z.union([
    amount,
    z.strictObject({
      session: amount.optional().describe("For each session."),
      project: amount.optional().describe("For everything that a project ever uses."),
      day: amount
        .optional()
        .describe("For a day. In your own config it covers everything, else the projects of this config."),
    }),
  ]);

const Sessions = z.int().min(1).max(10_000);

/** Limits of one project. */
export const ProjectLimitsInput = z.strictObject({
  maxConcurrentSessions: Sessions.optional().describe("How many agents of this project may work at the same time."),
});

export const LimitsInput = z.strictObject({
  maxConcurrentSessions: Sessions.optional()
    .describe(
      "How many agents may work at the same time. The rest wait as `queued`. In your own config it covers the whole machine, else this config, within that limit.",
    )
    .meta({ standard: 10 }),
  maxCostUsd: boundsOf(Dollars).optional().describe("Dollars per session, or a map with `session`, `project`, `day`."),
  maxTokens: boundsOf(Tokens)
    .optional()
    .describe("Uncached tokens per session, or a map with `session`, `project`, `day`."),
  maxReactionsPerSession: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("How many messages reactions may send to one session. After that you are asked instead."),
});
export type LimitsInput = z.infer<typeof LimitsInput>;
export type BoundsInput = NonNullable<LimitsInput["maxCostUsd"]>;

export const TrustInput = z.strictObject({
  authors: z
    .enum(["write"])
    .optional()
    .describe("Whose reviews and comments may be sent to an agent: `write` means people with write access.")
    .meta({ standard: "write" }),
  bots: z
    .array(z.string().min(1).max(200))
    .max(200)
    .optional()
    .describe("Names of bots whose comments may be sent to an agent.")
    .meta({ standard: [] }),
});

/** A duration or `never`, parsed to milliseconds or null. */
export const Keep = z.union([z.literal("never").transform(() => null), DurationMs]);

export const CleanupInput = z.strictObject({
  merged: Keep.optional()
    .describe("When to remove merged sessions, after their last activity.")
    .meta({ standard: "1h" }),
  done: Keep.optional().describe("The same for sessions whose agent said that it is done.").meta({ standard: "7d" }),
  closed: Keep.optional()
    .describe("The same for sessions whose pull request was closed unmerged and whose agent has ended.")
    .meta({ standard: "7d" }),
  killed: Keep.optional().describe("The same for killed sessions.").meta({ standard: "14d" }),
  errored: Keep.optional().describe("The same for sessions that failed.").meta({ standard: "14d" }),
  preserve: Keep.optional()
    .describe(
      "How long to keep the work of a removed checkout for `ao restore`, at least as long as your own config says. It is deleted a day later, counted while the daemon runs.",
    )
    .meta({ standard: "30d" }),
});

export const CiInput = z.strictObject({
  noneAfter: DurationMs.optional()
    .describe("If no check is required and none has appeared this long after a push, CI is `none`.")
    .meta({ standard: "5m" }),
  rerun: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe(
      "How often to run a check again on the same commit before its agent hears of the failure, if it timed out or is `flaky`. Only where the scm can do that.",
    )
    .meta({ standard: 1 }),
  flaky: z
    .array(z.string().min(1).max(200))
    .max(100)
    .optional()
    .describe("Names of checks that sometimes fail for no reason. `*` stands for any characters.")
    .meta({ standard: [] }),
});

const Channels = z.array(z.string().min(1).max(100)).max(50);

const TimeOfDay = z.string().regex(/^([01]?\d|2[0-3]):[0-5]\d$/, "must be a time of day, such as 22:00");

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "";
  } catch {
    return false; // A RangeError: there is no such zone.
  }
}

/** When notifications wait. */
export const QuietInput = z.strictObject({
  from: TimeOfDay.describe("When they begin, such as `22:00`."),
  to: TimeOfDay.describe("When they end, such as `07:00`. What was held comes then, as one message."),
  timezone: z
    .string()
    .max(100)
    .refine(isTimeZone, "is no time zone; write one such as Europe/Berlin")
    .optional()
    .describe("The time zone, such as `Europe/Berlin`. Default: this machine's."),
  except: z
    .array(Priority)
    .max(4)
    .optional()
    .describe("Priorities that are not held.")
    .meta({ standard: ["urgent"] }),
});
export type QuietInput = z.infer<typeof QuietInput>;

/** When nobody reacted to a notification. */
export const RemindInput = z.union([
  DurationMs,
  z
    .array(
      z.strictObject({
        after: DurationMs.describe("How long after the first notification."),
        notify: Channels.optional().describe("The notifiers that remind. Default: those of its priority."),
      }),
    )
    .min(1)
    .max(10),
]);
export type RemindInput = z.infer<typeof RemindInput>;

/** Which notifiers get which priority. */
export const RoutingInput = z.strictObject({
  urgent: Channels.optional().describe("An agent is stuck, asks or failed. Default: `defaults.notifiers`."),
  action: Channels.optional().describe("You have to decide something. Default: `defaults.notifiers`."),
  warning: Channels.optional().describe("A problem that is being handled. Default: none."),
  info: Channels.optional().describe("Progress. Default: none."),
});
