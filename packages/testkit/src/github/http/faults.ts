import type { ServerResponse } from "node:http";
import { primaryLimit, secondaryLimit } from "./limits.ts";
import type { LoggedRequest } from "./log.ts";

/**
 * - `500`, `502`, `503`: GitHub's own error pages: JSON, or HTML with the unicorn
 * - `429`, `secondary-limit`: refused with `Retry-After` (429 and 403)
 * - `primary-limit`: refused with nothing left of the budget
 * - `no-answer`: the request is taken, and nothing ever comes back
 * - `reset`: the connection breaks before an answer
 * - `lost-answer`: the request is carried out, and the connection breaks before the answer
 * - `html`: 200 with a page in place of JSON
 * - `cut-json`: 200 with half of the JSON, with a matching Content-Length
 * - `cut-connection`: the connection breaks in the middle of the answer
 * - `graphql-error`: 200 with GitHub's "Something went wrong" in place of data
 * - `graphql-partial`: 200 with the data, but for one nullable member that failed: the checks or the reviews of a pull request
 */
export type FaultKind =
  | "500"
  | "502"
  | "503"
  | "429"
  | "secondary-limit"
  | "primary-limit"
  | "no-answer"
  | "reset"
  | "lost-answer"
  | "html"
  | "cut-json"
  | "cut-connection"
  | "graphql-error"
  | "graphql-partial";

export interface Fault {
  kind: FaultKind;
  /** Which requests. All when not given. */
  match?: (request: LoggedRequest) => boolean;
  /** How often. Until it is cleared when not given. */
  times?: number;
  /** Seconds, for 429 and the secondary limit. 60 when not given. */
  retryAfter?: number;
}

export interface ActiveFault {
  /** Ends the fault. */
  clear(): void;
  /** How many requests it met. */
  readonly hits: number;
}

const AFTERWARDS = new Set<FaultKind>(["lost-answer", "cut-json", "cut-connection", "html", "graphql-partial"]);

interface Held extends Fault {
  hits: number;
}

export class Faults {
  #active: Held[] = [];

  add(fault: Fault): ActiveFault {
    const held: Held = { ...fault, hits: 0 };
    this.#active.push(held);
    return {
      clear: () => {
        this.#active = this.#active.filter((other) => other !== held);
      },
      get hits() {
        return held.hits;
      },
    };
  }

  clear(): void {
    this.#active = [];
  }

  /** The fault that this request meets, if any. */
  meet(request: LoggedRequest): Fault | null {
    const fault = this.#active.find(
      ({ match, times, hits }) => hits < (times ?? Number.POSITIVE_INFINITY) && (match?.(request) ?? true),
    );
    if (fault === undefined) return null;
    fault.hits++;
    return fault;
  }
}

/** Faults whose request is carried out all the same. */
export const isAfterwards = ({ kind }: Fault): boolean => AFTERWARDS.has(kind);

const UNICORN = `<!DOCTYPE html>\n<html>\n  <head><title>Unicorn! &middot; GitHub</title></head>\n  <body><p>This page is taking too long to load.</p></body>\n</html>\n`;

/** Answers in place of GitHub. Throws a refusal where GitHub would have written one. */
export function answerFault(response: ServerResponse, { kind, retryAfter = 60 }: Fault): void {
  const send = (status: number, type: string, body: string) => {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
  if (kind === "no-answer") return;
  if (kind === "reset") response.socket?.destroy();
  else if (kind === "429") throw secondaryLimit(retryAfter, 429);
  else if (kind === "secondary-limit") throw secondaryLimit(retryAfter);
  else if (kind === "primary-limit") throw primaryLimit("user ID 1");
  else if (kind === "500") send(500, "application/json; charset=utf-8", '{"message":"Server Error"}');
  else if (kind === "graphql-error") send(200, "application/json; charset=utf-8", SOMETHING_WENT_WRONG);
  else send(Number(kind), "text/html; charset=utf-8", UNICORN);
}

const SOMETHING_WENT_WRONG = JSON.stringify({
  data: null,
  errors: [
    {
      message:
        "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `0401:0C2F:1A2B3C:4D5E6F:65A1B2C3` when reporting this issue.",
    },
  ],
});

/** Spoils an answer that was ready to be sent. */
export function spoil(
  response: ServerResponse,
  { kind }: Fault,
  answer: { status: number; headers: Record<string, string>; body: string },
): void {
  const { status, headers, body } = answer;
  const half = body.slice(0, Math.floor(body.length / 2));
  if (kind === "lost-answer") response.socket?.destroy();
  else if (kind === "html") {
    const length = Buffer.byteLength(UNICORN);
    response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8", "content-length": length });
    response.end(UNICORN);
  } else if (kind === "graphql-partial") {
    const partial = withFailedMember(body);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(partial) });
    response.end(partial);
  } else if (kind === "cut-json") {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(half) });
    response.end(half);
  } else {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.write(half, () => response.socket?.destroy());
  }
}

const FAILING_MEMBERS = new Set(["statusCheckRollup", "reviews"]);

/** As GraphQL reports that one member could not be computed: null in its place, and an error with its path. */
function withFailedMember(body: string): string {
  if (body === "") return body;
  const answer = JSON.parse(body) as { data?: unknown };
  const path = failedPath(answer.data, []);
  if (path === null) return body;
  const errors = [{ message: "Something went wrong while executing your query.", path }];
  return JSON.stringify({ ...answer, errors });
}

/** Makes the first such member null, and returns where it is. */
function failedPath(value: unknown, path: (string | number)[]): (string | number)[] | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (FAILING_MEMBERS.has(key) && member !== null) {
      (value as Record<string, unknown>)[key] = null;
      return here;
    }
    const below = failedPath(member, here);
    if (below !== null) return below;
  }
  return null;
}
