import { isoNow } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CreatePRInput } from "@agent-orchestrator/core/slots/scm";
import type { Proceed } from "@agent-orchestrator/plugin-kit/until-aborted";
import { authorOf } from "./author.ts";
import { landedOf, liveBase } from "./bases.ts";
import { countAhead } from "./branch-facts.ts";
import { amend, type Desk, findByBranch, indexOf, infoOf, tipsOf } from "./desk.ts";
import { PRRecord } from "./records.ts";

/** `proceed` is called just before it is written. */
export async function createPR(desk: Desk, input: CreatePRInput, proceed: Proceed): Promise<PRInfo> {
  const existing = findByBranch(desk, input.branch, "open");
  if (existing !== null) return infoOf(desk, readied(desk, existing, input));
  const repository = await desk.repository();
  const { branch: baseBranch, passed } = liveBase(desk, input.baseBranch);
  // What an earlier pull request of this branch merged is not offered again.
  const landed = landedOf([...passed, ...(indexOf(desk.prs.all()).get(input.branch) ?? [])]);
  const { head, base } = tipsOf(repository.refs, { branch: input.branch, baseBranch });
  if (head === null) throw missing(input.branch);
  if (base === null) throw missing(baseBranch);
  const ahead = await countAhead(repository, { head: head.sha, base, landed });
  if (ahead === 0) {
    throw new AoError("REFUSED", `${input.branch} has no commits that ${baseBranch} does not have`, {
      hint: "Commit your changes first.",
    });
  }
  const author = await authorOf(desk, repository);
  proceed();
  const { context } = desk;
  const draft: Omit<PRRecord, "number"> = PRRecord.omit({ number: true }).parse({
    title: input.title,
    body: input.body,
    branch: input.branch,
    baseBranch,
    landed,
    isOwnBranch: input.isOwnBranch ?? true,
    isDraft: input.isDraft ?? false,
    state: "open",
    sessionId: input.sessionId ?? null,
    author,
    createdAt: isoNow(context.clock),
    headSha: head.sha,
    headAt: isoNow(context.clock),
  });
  // Another caller may have opened one while git ran.
  const meanwhile = findByBranch(desk, input.branch, "open");
  const record = meanwhile ?? number(desk, draft);
  desk.changed({ number: record.number, branch: record.branch });
  return infoOf(desk, record);
}

/** Numbers only go up. No file is removed, and one that cannot be read keeps its number. */
function number(desk: Desk, draft: Omit<PRRecord, "number">): PRRecord {
  for (let next = Math.max(0, ...desk.prs.keys().map(Number).filter(Number.isInteger)) + 1; ; next++) {
    const record = PRRecord.parse({ ...draft, number: next });
    if (desk.prs.add(String(next), record)) return record;
  }
}

/** Creating a pull request that exists as a draft, without asking for a draft, makes it ready for review. */
function readied(desk: Desk, record: PRRecord, input: CreatePRInput): PRRecord {
  if (!record.isDraft || input.isDraft === true) return record;
  return amend(desk, record.number, () => ({ isDraft: false }));
}

const missing = (branch: string) =>
  new AoError("NOT_FOUND", `there is no branch ${branch}`, { hint: "Run `git branch` for a list of branches." });
