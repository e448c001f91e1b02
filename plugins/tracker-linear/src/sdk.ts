import { GraphQLClientError, type LinearError, parseLinearError } from "@linear/sdk";

/** What is used of the SDK, which is large. Loaded by the first request that needs it. */
export { LinearErrorType, LinearSdk } from "@linear/sdk";

/** The SDK's own error for an answer that was no success. */
export function toError(answer: object, { status, headers }: Response): LinearError {
  const raw = new GraphQLClientError({ ...answer, status, headers }, { query: "" });
  return parseLinearError(raw as Parameters<typeof parseLinearError>[0]);
}
