import { issueMutations } from "./mutate-issues.ts";
import { pullMutations } from "./mutate-pulls.ts";
import { reviewMutations } from "./mutate-reviews.ts";
import type { Scope } from "./scope.ts";

export type Input = Record<string, unknown>;
type Mutation = (args: { input: Input }, scope: Scope) => unknown;

const withClientId =
  (mutation: Mutation): Mutation =>
  async (args, scope) => ({
    clientMutationId: args.input.clientMutationId ?? null,
    ...((await mutation(args, scope)) as object),
  });

/** All mutations by name. Each answers with its payload. */
export const MUTATIONS: Record<string, Mutation> = Object.fromEntries(
  Object.entries({ ...issueMutations, ...pullMutations, ...reviewMutations }).map(([name, mutation]) => [
    name,
    withClientId(mutation as Mutation),
  ]),
);
