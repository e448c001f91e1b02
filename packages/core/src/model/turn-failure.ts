import { z } from "zod";

/**
 * What kind of error a turn ended with. Each kind has another way out: log in, add credit, choose another model, try again. `access`:
 * known, and not allowed to. `size`: the request is too large. `request`: refused as it is. `busy`: too much at once, which passes.
 * `service`: the vendor's servers fail. `connection`: it broke off, or could not be made.
 */
export const TurnFailureKind = z.enum([
  "login",
  "access",
  "credit",
  "model",
  "size",
  "request",
  "busy",
  "service",
  "connection",
  "other",
]);
export type TurnFailureKind = z.infer<typeof TurnFailureKind>;

/** An error that a turn ended with, or that an agent meets again and again while it retries. */
export const TurnFailure = z.looseObject({
  kind: TurnFailureKind.catch("other"),
  /** The program's own words, on one line. */
  text: z.string(),
});
export type TurnFailure = z.infer<typeof TurnFailure>;
