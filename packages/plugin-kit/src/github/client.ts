import { AoError, type ErrorCode } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { GraphqlResponseError } from "@octokit/graphql";
import { Octokit } from "@octokit/rest";
import type { Http } from "../http/client.ts";
import type { Credentials } from "./credentials.ts";
import { isFailedRequest, requestError } from "./errors.ts";
import { PUBLIC_API } from "./options.ts";

export interface GitHub {
  /** Octokit's typed REST methods. Its errors are Octokit's; `say` puts them into words. */
  readonly rest: Octokit["rest"];
  readonly octokit: Octokit;
  /** Throws an AoError: UNREACHABLE if GitHub can't tell now. Partial answers are errors, unless `allowPartial`. */
  graphql<T>(query: string, variables: Record<string, unknown>, options?: GraphqlOptions): Promise<T>;
  /** For whoever may have it. Throws UNAVAILABLE without one. */
  token(options?: CallOptions): Promise<string>;
  /** Where its token is from, for people. Null before the first request. */
  tokenSource(): string | null;
  /** What it uses of its quotas, and how long it must wait. */
  readonly http: Pick<Http, "budget" | "waitMs" | "close">;
  /** Runs one step. Its errors become AoErrors: `could not ${what}: …`. */
  say<T>(what: string, step: () => Promise<T>): Promise<T>;
}

export interface GraphqlOptions extends CallOptions {
  /** What was being done, for messages. */
  what: string;
  /**
   * Return what there is if only some members failed: one that is gone must not hide the others. A member two levels down
   * (`repository.pr42`) with an error anywhere in it is null: half of it would pass for "no checks" or "no reviews".
   */
  allowPartial?: boolean;
  /** A member that the token may have no right to. Where that is so, its nodes are null, and the rest counts. */
  optional?: string;
}

export interface ClientOptions {
  credentials: Credentials;
  /** The REST root. GraphQL's is derived from it by Octokit's rule. */
  baseUrl?: string | undefined;
  http: Http;
  userAgent: string;
}

export function createGitHub({ credentials, http, baseUrl = PUBLIC_API, userAgent }: ClientOptions): GitHub {
  const octokit = new Octokit({ baseUrl, userAgent, request: { fetch: http.fetch }, log: QUIET });
  octokit.hook.before("request", async (request) => {
    const { signal } = request.request ?? {};
    request.headers.authorization = `token ${await credentials.token(signal ? { signal } : {})}`;
  });
  octokit.hook.error("request", (error) => {
    if (isFailedRequest(error) && error.status === 401) credentials.forget();
    throw error;
  });
  const say = async <T>(what: string, step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      throw requestError(error, what);
    }
  };
  return {
    octokit,
    http,
    token: (options) => credentials.token(options),
    tokenSource: () => credentials.source,
    rest: octokit.rest,
    say,
    graphql: <T>(query: string, variables: Record<string, unknown>, options: GraphqlOptions) =>
      say(options.what, () => askGraphql<T>(octokit, { query, variables, ...options })),
  };
}

/** What matters is in the errors. */
const ignore = () => undefined;
const QUIET = { debug: ignore, info: ignore, warn: ignore, error: ignore };

interface Question extends GraphqlOptions {
  query: string;
  variables: Record<string, unknown>;
}

async function askGraphql<T>(octokit: Octokit, question: Question): Promise<T> {
  const { query, variables, signal, what } = question;
  try {
    return await octokit.graphql<T>(query, { ...variables, ...(signal === undefined ? {} : { request: { signal } }) });
  } catch (error) {
    if (!(error instanceof GraphqlResponseError)) throw error;
    const errors = (error.errors ?? []).filter((one) => !isOptional(one, question.optional));
    if (errors.length === 0 && error.data) return error.data as T;
    const whole = question.allowPartial ? withoutFailed(error.data, errors) : null;
    if (whole !== null) return whole as T;
    const said = oneLine(errors.map(({ message }) => message).join("; "), 300);
    if (errors.every((one) => isForbidden(one) && one.path?.includes("statusCheckRollup"))) {
      throw new AoError("UNAVAILABLE", `could not ${what}: ${said}`, { cause: error, hint: CHECKS_HINT });
    }
    const isPassing = errors.some(({ type }) => type === "RATE_LIMITED" || type === undefined);
    const code = isPassing ? "UNREACHABLE" : (CODES[errors[0]?.type ?? ""] ?? "REFUSED");
    const hint = code === "UNAVAILABLE" ? { hint: "Give the token this right. `ao doctor` shows what it may do." } : {};
    throw new AoError(code, `could not ${what}: ${said}`, { cause: error, ...hint });
  }
}

/** By GitHub's types of errors. Any other is a refusal. */
const CODES: Partial<Record<string, ErrorCode>> = {
  NOT_FOUND: "NOT_FOUND",
  FORBIDDEN: "UNAVAILABLE",
  INSUFFICIENT_SCOPES: "UNAVAILABLE",
};
interface Failed {
  type?: string;
  path?: (string | number)[];
}

const isForbidden = ({ type }: Failed): boolean => type === "FORBIDDEN";
const isOptional = (failed: Failed, member: string | undefined): boolean =>
  member !== undefined && isForbidden(failed) && failed.path?.includes(member) === true;

const CHECKS_HINT =
  "This token may not read checks. Use the login of `gh`, a classic token with the scope `repo`, or a GitHub App.";

type Member = Record<string, unknown> | null | undefined;

/** The data without the members that an error is in. Null if an error does not say where it is. */
function withoutFailed(data: unknown, errors: readonly { path?: readonly (string | number)[] }[]): unknown {
  if (data === null || data === undefined || errors.length === 0) return null;
  const whole = structuredClone(data) as Record<string, Member>;
  for (const { path } of errors) {
    const [first, second] = path ?? [];
    if (first === undefined || second === undefined) return null;
    const member = whole[first];
    if (member) member[second] = null;
  }
  return whole;
}
