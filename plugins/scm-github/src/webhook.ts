import { createHmac } from "node:crypto";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { RepoName } from "@agent-orchestrator/plugin-kit/github/options";
import { isSameText } from "@agent-orchestrator/plugin-kit/same-text";
import { z } from "zod";

export interface Delivery {
  /** With lower-case names. */
  headers: Record<string, string>;
  rawBody: Uint8Array;
}

/** What a delivery is about. */
export interface Hint {
  number?: number;
  branch?: string;
}

/** By `X-Hub-Signature-256`: HMAC-SHA256 of the raw bytes. See docs.github.com, "Validating webhook deliveries". */
export function isSigned(secret: string | undefined, { headers, rawBody }: Delivery): boolean {
  if (secret === undefined) return false;
  const digest = createHmac("sha256", secret).update(rawBody).digest("hex");
  return isSameText(headers["x-hub-signature-256"], `sha256=${digest}`);
}

const Pull = z.looseObject({ number: z.number().int() });
const Branch = z.string().nullish();

/** The parts of GitHub's payloads that name pull requests and branches, where they have this form. Everything else is asked for. */
const Payload = z.looseObject({
  repository: z.looseObject({ full_name: z.string() }).nullish(),
  ref: Branch.catch(null),
  pull_request: Pull.nullish().catch(null),
  issue: z.looseObject({ number: z.number().int(), pull_request: z.unknown().optional() }).nullish().catch(null),
  check_run: z
    .looseObject({
      check_suite: z.looseObject({ head_branch: Branch }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  check_suite: z.looseObject({ head_branch: Branch }).nullish().catch(null),
  workflow_run: z.looseObject({ head_branch: Branch }).nullish().catch(null),
  workflow_job: z.looseObject({ head_branch: Branch }).nullish().catch(null),
  branches: z
    .array(z.looseObject({ name: z.string() }))
    .nullish()
    .catch(null),
});
type Payload = z.infer<typeof Payload>;

/** GitHub repeats a delivery on demand for three days. A repetition that was forgotten only costs one more look. */
const MAX_KNOWN = 10_000;

/** Deliveries of one repository. */
export function createDeliveries(repo: RepoName) {
  const known = new Set<string>();
  const name = `${repo.owner}/${repo.name}`;
  return {
    /** Throws USAGE for what is no delivery of GitHub, and REFUSED for another repository. */
    hintsOf({ headers, rawBody }: Delivery): Hint[] {
      const id = headers["x-github-delivery"];
      const event = headers["x-github-event"];
      if (id === undefined || event === undefined) throw new AoError("USAGE", "this is not a delivery of GitHub");
      const payload = parse(headers["content-type"] ?? "", rawBody);
      const from = payload.repository?.full_name;
      if (from !== undefined && from.toLowerCase() !== name.toLowerCase()) {
        throw new AoError("REFUSED", `the delivery is about ${from}, and this is ${name}`);
      }
      if (event === "ping" || known.has(id)) return [];
      known.add(id);
      const [oldest] = known;
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      const hints = hintsIn(payload);
      // Of a commit that is the head of no branch in this repository, such as a fork's.
      return hints.length === 0 && event === "status" ? [{}] : hints;
    },
  };
}

/** As `application/json`, or as a form with the JSON in `payload`. */
function parse(contentType: string, rawBody: Uint8Array): Payload {
  const text = Buffer.from(rawBody).toString("utf8");
  const isForm = contentType.startsWith("application/x-www-form-urlencoded");
  try {
    return Payload.parse(JSON.parse(isForm ? (new URLSearchParams(text).get("payload") ?? "") : text));
  } catch (error) {
    throw new AoError("USAGE", "the payload cannot be read", { cause: error });
  }
}

function hintsIn(payload: Payload): Hint[] {
  const { pull_request, issue, check_run, check_suite, workflow_run, workflow_job, branches, ref } = payload;
  const numbers = [pull_request?.number, issue?.pull_request ? issue.number : undefined];
  const names = [
    check_run?.check_suite?.head_branch,
    check_suite?.head_branch,
    workflow_run?.head_branch,
    workflow_job?.head_branch,
    ...(branches ?? []).map(({ name }) => name),
    ref?.startsWith(HEADS) ? ref.slice(HEADS.length) : undefined,
  ];
  return [
    ...[...new Set(numbers)].flatMap((number) => (number === undefined ? [] : [{ number }])),
    ...[...new Set(names)].flatMap((branch) => (branch == null ? [] : [{ branch }])),
  ];
}

const HEADS = "refs/heads/";
