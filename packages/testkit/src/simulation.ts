import { type Decision, decide } from "@agent-orchestrator/core/decide/decide";
import type { Action } from "@agent-orchestrator/core/model/action";
import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import type { EventDraft } from "@agent-orchestrator/core/model/event";
import type { SessionFact } from "@agent-orchestrator/core/model/fact";
import type { DecideContext, Policy } from "@agent-orchestrator/core/model/policy";
import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import fc from "fast-check";
import {
  aCheck,
  aComment,
  aContext,
  aPr,
  aRecord,
  aReview,
  aWork,
  HEAD,
  HEAD2,
  iso,
  someLimits,
  T0,
} from "./records.ts";

type WithoutTime<T> = T extends { at: string } ? Omit<T, "at"> : never;
type Fact = WithoutTime<SessionFact>;

/** One thing that happens to a session. */
export type Op =
  | { op: "wait"; ms: number }
  | { op: "fact"; fact: Fact; isStale: boolean }
  | { op: "result"; isGood: boolean; isLate: boolean };

const failure = { code: "FAILED", message: "no" } as const;
const source = fc.constantFrom("hook", "output", "process", "screen" as const);
const state = fc.constantFrom(
  "active",
  "active",
  "ready",
  "ready",
  "idle",
  "waiting_input",
  "blocked",
  "limited",
  "unknown" as const,
);
const head = fc.constantFrom(HEAD, HEAD2);

const snapshot = fc
  .record({
    headSha: head,
    state: fc.constantFrom("open", "open", "open", "draft", "merged", "closed" as const),
    ci: fc.constantFrom("pending", "passing", "failing", "failing", "none" as const),
    review: fc.constantFrom("approved", "changes_requested", "pending", "none" as const),
    hasConflicts: fc.constantFrom(true, false, false, null),
    attempt: fc.integer({ min: 1, max: 3 }),
    comments: fc.subarray(["c1", "c2", "c3"]),
    bots: fc.subarray(["b1", "b2"]),
    failsOnBase: fc.boolean(),
    isTrusted: fc.boolean(),
  })
  .map(
    ({ attempt, comments, bots, failsOnBase, isTrusted, ...rest }): PRSnapshot =>
      aPr({
        ...rest,
        checks: rest.ci === "failing" ? [aCheck({ attempt, failsOnBase })] : [],
        reviews: rest.review === "changes_requested" ? [aReview({ isTrusted })] : [],
        comments: comments.map((id) => aComment({ id, isTrusted })),
        botComments: bots.map((id) => aComment({ id, author: "bugbot" })),
      }),
  );

/** `launch: 0` means the current one. */
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({ state, source }).map(
    ({ state, source }): Fact => ({
      kind: "activity",
      launch: 0,
      activity: { state, since: iso(), source, evidence: "seen" },
    }),
  ),
  fc.constant<Fact>({ kind: "turn-ended", launch: 0 }),
  fc
    .constantFrom("working", "waiting", "needs_input", "blocked", "done" as const)
    .map((state): Fact => ({ kind: "reported", state, note: null })),
  fc
    .constantFrom(0, 0, 1, null)
    .map((code): Fact => ({ kind: "exited", launch: 0, exit: { code, signal: null, at: iso(), lastOutput: null } })),
  fc.constantFrom<Fact>(
    { kind: "ready", launch: 0 },
    { kind: "output", launch: 0 },
    { kind: "runtime-lost", launch: 0, reason: "gone" },
    { kind: "human-input" },
    { kind: "pr-none" },
    { kind: "unanswered", question: "pr", failure },
    { kind: "unanswered", question: "work", failure },
    { kind: "wish-kill", remove: false, by: "user", reason: "x" },
    { kind: "wish-kill", remove: true, by: "user", reason: "x" },
    { kind: "wish-restore" },
    { kind: "wish-interrupt" },
    { kind: "wish-handoff", wishId: "w", agent: "other", agentOptions: {}, words: null },
    { kind: "wish-pause", isPaused: true },
    { kind: "wish-pause", isPaused: false },
    { kind: "human-did", what: "reviewed" },
    { kind: "human-did", what: "looked" },
    { kind: "wish-grant" },
  ),
  fc
    .record({ key: fc.constantFrom("c", "d"), model: fc.constantFrom("m", null), usd: fc.constantFrom(null, 1, 3, 9) })
    .map(({ key, model, usd }): Fact => {
      const tokens = { input: 10 * (usd ?? 1), output: 1, cacheRead: 5, cacheWrite: 0 };
      return { kind: "usage", usage: { key, models: [{ model, usd, tokens }] } };
    }),
  fc
    .record({
      headSha: head,
      commitsAhead: fc.integer({ min: 0, max: 2 }),
      changedFiles: fc.integer({ min: 0, max: 1 }),
    })
    .map((work): Fact => ({ kind: "work", work: aWork(work) })),
  snapshot.map((each): Fact => ({ kind: "pr", snapshot: each })),
  snapshot.map((each): Fact => ({ kind: "pr", snapshot: each })),
  fc
    .record({ headSha: head, attempt: fc.integer({ min: 1, max: 3 }) })
    .map(({ headSha, attempt }): Fact => ({ kind: "check-log", headSha, key: `test#${attempt}`, log: "not ok" })),
  fc.subarray(["c1", "c2", "r1"]).map((ids): Fact => ({ kind: "wish-release", messageId: `released ${ids}`, ids })),
  head.map((headSha): Fact => ({ kind: "wish-merge", headSha, method: null })),
  fc.boolean().map((isUrgent): Fact => ({ kind: "wish-send", message: { id: "", text: "do it", isUrgent } })),
  fc.boolean().map((isUrgent): Fact => ({ kind: "wish-send", message: { id: "", text: "do it", isUrgent } })),
);

/** Random lives. Results of actions arrive often enough for a session to make progress. */
export const ops = ({ maxLength }: { maxLength: number }): fc.Arbitrary<Op[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .constantFrom(0, 500, 3000, 20_000, 70_000, 130_000, 400_000, 1_300_000, 90_000_000)
          .map((ms): Op => ({ op: "wait", ms })),
      },
      {
        weight: 10,
        arbitrary: fc
          .record({ fact, isStale: fc.boolean() })
          .map(({ fact, isStale }): Op => ({ op: "fact", fact, isStale: isStale && "launch" in fact })),
      },
      {
        weight: 7,
        arbitrary: fc
          .record({ isGood: fc.constantFrom(true, true, true, false), isLate: fc.boolean() })
          .map((each): Op => ({ op: "result", ...each })),
      },
    ),
    { minLength: 10, maxLength },
  );

export function agentOf(kind: "silent" | "telling" | "per-turn"): Partial<Policy> {
  return {
    trustedBots: ["bugbot"],
    ...(kind === "silent" ? {} : { draft: "until-green", replyOnFix: true }),
    reactions: resolveReactions({ "approved-and-green": { auto: true, action: "auto-merge" } }),
    limits: someLimits(kind === "silent" ? {} : { usd: { session: 4 }, reactions: 2 }),
    agent: {
      lifetime: kind === "per-turn" ? "per-turn" : "interactive",
      receipts: kind === "telling" ? "always" : "never",
      canResume: true,
    },
  };
}

/** An engine without a world. Facts go in, and actions get random results. */
export class Simulation {
  record: SessionRecord = aRecord();
  before: SessionRecord = this.record;
  facts: SessionFact[] = [];
  context: DecideContext;
  last: Decision = { next: this.record, events: [], actions: [], wakeAtMs: null };
  readonly events: EventDraft[] = [];
  readonly actions: Action[] = [];
  /** The launches whose program is really running. */
  readonly running = new Set<number>();
  private readonly gone = new Set<number>();
  private open: Action[] = [];
  private nowMs = 0;
  private sent = 0;

  constructor(policy: Partial<Policy>) {
    this.context = aContext(0, policy);
    this.feed([]);
  }

  play(op: Op): void {
    if (op.op === "wait") {
      this.nowMs += op.ms;
      this.feed([]);
    } else if (op.op === "fact") this.feed([this.present(op.fact, op.isStale)]);
    else this.answer(op.isGood, op.isLate);
  }

  /** Lets the world settle: every action succeeds, a running agent goes idle, nobody types, time passes. */
  calm(): void {
    this.feed([{ kind: "wish-pause", isPaused: false }]);
    for (let round = 0; round < 200; round++) {
      while (this.open.length > 0) this.answer(true, false);
      this.nowMs += 61_000;
      if (this.record.limits.hold) this.feed([{ kind: "wish-grant" }]);
      const launch = this.record.launch.last?.number ?? 0;
      const since = iso(this.nowMs);
      const rest = ["report", "hook", "output", "process", "screen"] as const;
      const perTurn = this.context.policy.agent.lifetime === "per-turn";
      const facts: Fact[] = perTurn
        ? [{ kind: "exited", launch, exit: { code: 0, signal: null, at: since, lastOutput: null } }]
        : [
            { kind: "ready", launch },
            ...rest.map(
              (source): Fact => ({
                kind: "activity",
                launch,
                activity: { state: "ready", since, source, evidence: "calm" },
              }),
            ),
          ];
      const { snapshot: pr } = this.record.pr;
      this.feed([...facts, { kind: "work", work: aWork({ at: since, headSha: pr?.headSha ?? HEAD }) }]);
    }
  }

  /** Admits a queued session at once, as an engine with room would. */
  private feed(facts: Fact[]): void {
    const admitted: Fact[] = this.record.phase === "queued" ? [{ kind: "admitted" }] : [];
    this.before = this.record;
    this.context = { ...this.context, nowMs: T0 + this.nowMs };
    this.facts = [...admitted, ...facts].map((each) => ({ ...each, at: iso(this.nowMs) }) as SessionFact);
    for (const each of this.facts) this.happen(each);
    this.last = decide(this.record, this.facts, this.context);
    this.record = this.last.next;
    this.events.push(...this.last.events);
    this.actions.push(...this.last.actions);
    this.open.push(...this.last.actions.filter((action) => action.kind !== "notify"));
  }

  /** A program that has ended never runs again, even if its start is reported after its end. */
  private happen(fact: SessionFact): void {
    if (fact.kind === "launched" && !this.gone.has(fact.launch)) this.running.add(fact.launch);
    if (fact.kind !== "exited" && fact.kind !== "stopped" && fact.kind !== "runtime-lost") return;
    this.running.delete(fact.launch);
    this.gone.add(fact.launch);
  }

  /** Fills in what the generator cannot know: the launch, the time, the id of a message. */
  private present(fact: Fact, isStale: boolean): Fact {
    const launch = (this.record.launch.last?.number ?? 0) - (isStale ? 1 : 0);
    const at = iso(this.nowMs);
    if (fact.kind === "wish-send") {
      this.sent++;
      const id = `m${this.sent * 2 + (fact.message.isUrgent ? 1 : 0)}`;
      return { ...fact, message: { ...fact.message, id } };
    }
    // A runtime is missed only by what runs in it.
    if (fact.kind === "runtime-lost" && !this.running.has(launch)) return { kind: "output", launch };
    if (fact.kind === "work") return { ...fact, work: { ...fact.work, at } };
    if (fact.kind === "activity") {
      const limit =
        fact.activity.state === "limited"
          ? { limit: { resetsAt: this.sent % 2 === 0 ? null : iso(this.nowMs + 3_600_000) } }
          : {};
      return { ...fact, launch, activity: { ...fact.activity, since: at, ...limit } };
    }
    if (fact.kind === "exited") return { ...fact, launch, exit: { ...fact.exit, at } };
    return "launch" in fact ? { ...fact, launch } : fact;
  }

  /** The result of the oldest open action, or of the newest. */
  private answer(isGood: boolean, isLate: boolean): void {
    const action = isLate ? this.open.pop() : this.open.shift();
    if (action !== undefined) this.feed(resultOf(action, isGood, this.record));
  }
}

function resultOf(action: Action, isGood: boolean, record: SessionRecord): Fact[] {
  if (action.kind === "start") {
    if (!isGood) return [{ kind: "start-failed", launch: action.launch, step: "agent", failure }];
    const handle = { id: record.id, runtimeName: "tmux", data: {} };
    return [{ kind: "launched", launch: action.launch, handle, pid: 1, startId: "x", isReady: true }];
  }
  if (action.kind === "deliver") {
    if (!isGood) return [{ kind: "message-failed", id: action.messageId, failure }];
    return [{ kind: "message-written", id: action.messageId }];
  }
  if (!isGood) return [{ kind: "effect-failed", key: action.key, action: action.kind, failure }];
  if (action.kind === "stop") return [{ kind: "stopped", launch: action.launch }];
  if (action.kind === "remove") return [{ kind: "removed", preservedPath: null }];
  if (action.kind === "merge") return [{ kind: "merged", headSha: action.headSha }];
  if (action.kind === "open-pr") return [{ kind: "pr", snapshot: aPr({ headSha: record.work?.headSha ?? HEAD }) }];
  if (action.kind === "mark-ready") return [{ kind: "pr-ready", number: action.number }];
  if (action.kind === "reply") return [{ kind: "replied", commentId: action.commentId }];
  return [];
}
