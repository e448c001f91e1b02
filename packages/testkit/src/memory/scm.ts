import { AoError } from "@agent-orchestrator/core/model/errors";
import type {
  CICheck,
  PRInfo,
  PRSnapshot,
  PRState,
  Review,
  ReviewComment,
} from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions, Clock } from "@agent-orchestrator/core/slots/common";
import type { CreatePRInput, SCM, SubmitReviewInput } from "@agent-orchestrator/core/slots/scm";
import type { Faults } from "./faults.ts";
import type { MemoryRepository } from "./repository.ts";

export interface MemoryPr {
  info: PRInfo;
  state: PRState;
  /** The head that was merged. */
  mergedSha: string | null;
  /** How often it was actually merged. */
  merges: number;
  reviews: Review[];
  comments: ReviewComment[];
}

type Methods = Omit<
  Required<SCM>,
  | "name"
  | "getPRSummary"
  | "setBase"
  | "check"
  | "getAgentEnvironment"
  | "lastLook"
  | "verifyWebhook"
  | "parseWebhook"
  | "replyTo"
  | "rerunChecks"
  | "getConflicts"
>;

export interface MemoryScm extends Methods {
  readonly prs: MemoryPr[];
  pr(branch: string): MemoryPr | undefined;
  /** Sets a check's result for the current head of a branch. */
  report(branch: string, check: { name: string; isPassing: boolean; log?: string }): void;
  /** Somebody pushes, comments or merges. Watchers are notified. */
  stir(branch: string): void;
  readonly watcherCount: number;
}

export interface MemoryScmOptions {
  repository: MemoryRepository;
  clock: Clock;
  faults: Faults;
  requiredChecks?: string[];
  /** No approval is needed. */
  isFree?: boolean;
  pollMs?: number;
}

interface Forge extends MemoryScmOptions {
  prs: MemoryPr[];
  /** By head, then by name. */
  checks: Map<string, Map<string, CICheck>>;
  logs: Map<string, string>;
  watchers: Set<(pr: { number?: number; branch?: string }) => void>;
}

/** Pull requests that are rows of a list, over a repository in memory. */
export function memoryScm(options: MemoryScmOptions): MemoryScm {
  const forge: Forge = { ...options, prs: [], checks: new Map(), logs: new Map(), watchers: new Set() };
  return Object.defineProperty({ ...methodsOf(forge), ...controlsOf(forge) } as MemoryScm, "watcherCount", {
    get: () => forge.watchers.size,
  });
}

const iso = (clock: Clock): string => new Date(clock.now()).toISOString();
const newest = (forge: Forge, branch: string) => forge.prs.filter((pr) => pr.info.branch === branch).at(-1);

function find(forge: Forge, number: number): MemoryPr {
  const found = forge.prs.find((pr) => pr.info.number === number);
  if (found === undefined) throw new AoError("NOT_FOUND", `no pull request ${number}`);
  return found;
}

function methodsOf(forge: Forge): Methods {
  const { faults } = forge;
  const ask =
    <T>(pick: (snapshot: PRSnapshot) => T) =>
    (info: PRInfo, options?: CallOptions): Promise<T> =>
      faults.run("scm.ask", options, () => pick(snapshotOf(forge, find(forge, info.number))));
  return {
    pollMs: forge.pollMs ?? 30_000,
    detectPR: (session, _project, options) =>
      faults.run("scm.detectPR", options, () => newest(forge, session.branch)?.info ?? null),
    getPR: (number, options) => faults.run("scm.getPR", options, () => find(forge, number).info),
    fetchPR: (info, branch, options) =>
      faults.run("scm.fetchPR", options, () => {
        const head = forge.repository.head(find(forge, info.number).info.branch);
        if (head !== null && branch !== info.branch) forge.repository.branchAt(branch, head);
      }),
    getPRState: ask(({ state }) => state),
    getCIChecks: ask(({ checks }) => checks),
    getCISummary: ask(({ ci }) => ci),
    getReviews: ask(({ reviews }) => reviews),
    getReviewDecision: ask(({ review }) => review),
    getPendingComments: ask(({ comments }) => comments),
    getAutomatedComments: ask(({ botComments }) => botComments),
    getMergeability: ask(({ readiness }) => readiness),
    getSnapshots: (infos, options) =>
      faults.run("scm.getSnapshots", options, () =>
        infos.map(({ number }) => {
          const pr = forge.prs.find((each) => each.info.number === number);
          return pr === undefined ? null : snapshotOf(forge, pr);
        }),
      ),
    createPR: (input, options) => faults.run("scm.createPR", options, () => open(forge, input)),
    mergePR: (info, _method, options) =>
      faults.run("scm.mergePR", options, () => merge(forge, find(forge, info.number), options?.expectedHeadSha)),
    closePR: (info, options) =>
      faults.run("scm.closePR", options, () => {
        const pr = find(forge, info.number);
        if (pr.state !== "open" && pr.state !== "draft") return;
        pr.state = "closed";
        moveBases(forge, pr);
      }),
    markReady: (info, options) => faults.run("scm.markReady", options, () => markReady(find(forge, info.number))),
    uninstall: async () => undefined,
    moveBranch: (from, to, options) =>
      faults.run("scm.moveBranch", options, () => {
        for (const pr of forge.prs.filter(({ state }) => state === "open")) {
          if (pr.info.branch === from) pr.info = { ...pr.info, branch: to };
          if (pr.info.baseBranch === from) pr.info = { ...pr.info, baseBranch: to };
        }
      }),
    submitReview: (info, review, options) => faults.run("scm.submitReview", options, () => submit(forge, info, review)),
    resolve: (info, id, options) =>
      faults.run("scm.resolve", options, () => {
        for (const comment of find(forge, info.number).comments) if (comment.id === id) comment.isResolved = true;
      }),
    getDiff: ({ branch, baseBranch }, options) =>
      faults.run("scm.getDiff", options, () => forge.repository.diff(branch, baseBranch)),
    getCheckLog: (info, check, options) =>
      faults.run("scm.getCheckLog", options, () => {
        const log = forge.logs.get(`${headOf(forge, find(forge, info.number))} ${check.name}`) ?? "";
        return log.slice(-(options?.maxBytes ?? 16_384));
      }),
    commandLines: () => [],
    watch: (onChange, options) =>
      faults.run("scm.watch", options, () => {
        forge.watchers.add(onChange);
        return {
          async stop() {
            forge.watchers.delete(onChange);
          },
        };
      }),
  };
}

function controlsOf(forge: Forge) {
  const stir = (branch: string) => {
    for (const onChange of forge.watchers) onChange({ branch });
  };
  return {
    prs: forge.prs,
    pr: (branch: string) => newest(forge, branch),
    stir,
    report(branch: string, { name, isPassing, log }: { name: string; isPassing: boolean; log?: string }) {
      const head = forge.repository.head(branch) ?? "";
      const own = forge.checks.get(head) ?? new Map<string, CICheck>();
      const attempt = (own.get(name)?.attempt ?? 0) + 1;
      forge.checks.set(head, own.set(name, { name, status: isPassing ? "passed" : "failed", attempt }));
      forge.logs.set(`${head} ${name}`, log ?? "");
      stir(branch);
    },
  };
}

function markReady(pr: MemoryPr): void {
  if (pr.state !== "open" && pr.state !== "draft") throw new AoError("REFUSED", `it is ${pr.state}`);
  pr.state = "open";
  pr.info = { ...pr.info, isDraft: false };
}

/** Returns the existing one of this branch if there is one. */
function open(forge: Forge, input: CreatePRInput): PRInfo {
  const there = newest(forge, input.branch);
  if (there?.state === "open" || there?.state === "draft") return there.info;
  const { branch, baseBranch, title, isDraft = false } = input;
  if (forge.repository.ahead(branch, baseBranch) === 0) throw new AoError("REFUSED", `${branch} has no commits`);
  const number = forge.prs.length + 1;
  const info = { number, url: `memory://pr/${number}`, title, owner: "me", repo: "app", branch, baseBranch, isDraft };
  forge.prs.push({ info, state: isDraft ? "draft" : "open", mergedSha: null, merges: 0, reviews: [], comments: [] });
  return info;
}

function submit(forge: Forge, info: PRInfo, review: SubmitReviewInput): Review {
  const pr = find(forge, info.number);
  const headSha = headOf(forge, pr);
  if (review.headSha !== undefined && review.headSha !== headSha) throw new AoError("REFUSED", "the branch moved on");
  const known = pr.reviews.find(({ id }) => review.id !== undefined && id === review.id);
  if (known !== undefined) return known;
  const at = iso(forge.clock);
  const id = review.id ?? `r${pr.info.number}.${pr.reviews.length + 1}`;
  const made = { id, author: "ann", state: review.state, body: review.body, submittedAt: at, headSha, isTrusted: true };
  pr.reviews.push(made);
  if (review.state === "approved") for (const comment of pr.comments) comment.isResolved = true;
  for (const [index, comment] of (review.comments ?? []).entries()) {
    const place = { author: "ann", createdAt: at, url: info.url, isTrusted: true, reviewId: id, isResolved: false };
    pr.comments.push({ ...place, ...comment, id: `${id}.${index}` });
  }
  return made;
}

function merge(forge: Forge, pr: MemoryPr, expected: string | undefined): void {
  if (pr.state === "merged") return;
  const snapshot = snapshotOf(forge, pr);
  if (expected !== undefined && expected !== snapshot.headSha) throw new AoError("REFUSED", "the head moved");
  if (!snapshot.readiness.mergeable) throw new AoError("REFUSED", snapshot.readiness.blockers.join("; "));
  pr.mergedSha = snapshot.headSha;
  forge.repository.merge(pr.info.branch, pr.info.baseBranch);
  pr.state = "merged";
  pr.merges += 1;
  moveBases(forge, pr);
}

/** Moves pull requests that are based on the branch of a finished one to the base of that one. */
function moveBases(forge: Forge, over: MemoryPr): void {
  for (const pr of forge.prs) {
    if (pr.state === "open" && pr.info.baseBranch === over.info.branch) {
      pr.info = { ...pr.info, baseBranch: over.info.baseBranch };
    }
  }
}

const headOf = (forge: Forge, pr: MemoryPr): string => pr.mergedSha ?? forge.repository.head(pr.info.branch) ?? "";

function snapshotOf(forge: Forge, pr: MemoryPr): PRSnapshot {
  const headSha = headOf(forge, pr);
  const required = forge.requiredChecks ?? [];
  const known = forge.checks.get(headSha) ?? new Map<string, CICheck>();
  const waiting = required.filter((name) => !known.has(name)).map((name): CICheck => ({ name, status: "pending" }));
  const checks = [...known.values(), ...waiting];
  const has = (status: CICheck["status"]) => checks.some((check) => check.status === status);
  const ci = checks.length === 0 ? "none" : has("failed") ? "failing" : has("pending") ? "pending" : "passing";
  const review = reviewOf(forge, pr, headSha);
  const comments = pr.comments.filter((comment) => !comment.isResolved).map((comment) => ({ ...comment }));
  const isOpen = pr.state === "open";
  const hasConflicts = isOpen && forge.repository.hasConflict(pr.info.branch, pr.info.baseBranch);
  const blockers = [
    ...(isOpen ? [] : [pr.state === "draft" ? "it is a draft" : `it is ${pr.state}`]),
    ...(ci === "failing" || ci === "pending" ? [`checks are ${ci}`] : []),
    ...(review === "approved" || review === "none" ? [] : ["it needs an approval"]),
    ...(hasConflicts ? ["it conflicts with its base"] : []),
  ];
  const readiness = {
    mergeable: blockers.length === 0,
    ciPassing: ci === "passing" || ci === "none",
    approved: review === "approved" || review === "none",
    noConflicts: !hasConflicts,
    blockers,
  };
  return {
    info: pr.info,
    state: pr.state,
    headSha,
    baseSha: forge.repository.head(pr.info.baseBranch),
    ci,
    checks,
    review,
    reviews: [...pr.reviews],
    comments,
    botComments: [],
    hasConflicts,
    readiness,
    isCiAbsent: required.length === 0,
    touchesGuardedFiles: false,
  };
}

/** The last verdict counts. An approval counts only for the head that it was given for. */
function reviewOf(forge: Forge, pr: MemoryPr, headSha: string): PRSnapshot["review"] {
  const last = pr.reviews.filter((review) => review.state !== "commented").at(-1);
  if (last?.state === "changes_requested") return "changes_requested";
  if (last?.state === "approved" && last.headSha === headSha) return "approved";
  return forge.isFree === true ? "none" : "pending";
}
