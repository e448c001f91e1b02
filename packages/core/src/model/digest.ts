import { z } from "zod";
import { Iso } from "./time.ts";

/** Something that happened to a session. */
export const DigestLine = z.object({
  at: Iso,
  sessionId: z.string(),
  projectId: z.string().nullable(),
  pr: z.number().int().nullable(),
  /** What it was, in one line. */
  text: z.string(),
});
export type DigestLine = z.infer<typeof DigestLine>;

/** How often something happened. */
export const DigestCounts = z.object({
  started: z.number().int(),
  opened: z.number().int(),
  asked: z.number().int(),
  ciFailed: z.number().int(),
  fixesSent: z.number().int(),
  reviewsSent: z.number().int(),
});
export type DigestCounts = z.infer<typeof DigestCounts>;
