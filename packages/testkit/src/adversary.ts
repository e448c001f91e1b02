import type { Action } from "@agent-orchestrator/core/model/action";
import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import type { Policy } from "@agent-orchestrator/core/model/policy";
import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import { ReactionKey } from "@agent-orchestrator/core/model/reaction";
import fc from "fast-check";
import { type Play, playRunning, type TestFact } from "./play.ts";
import { aCheck, aComment, aPr, aReview, aWork, iso } from "./records.ts";

/** What the world and the agent may do to make a reaction send again. */
export type Move =
  | { move: "wait"; ms: number }
  /** The agent begins, or ends, a turn. */
  | { move: "turn"; isRunning: boolean }
  /** A new head, whatever else. */
  | { move: "commit" }
  /** The pull request as it looks now: each problem there, gone, or another one. */
  | { move: "pr"; conflicts: boolean | null; ci: "failing" | "passing" | "pending"; bots: number; asked: number }
  | { move: "exit"; code: number | null }
  | { move: "ask"; number: number };

export const moves = (limits: { minLength: number; maxLength: number }): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(500, 3_000, 21_000, 65_000, 130_000, 310_000).map(wait) },
      { weight: 4, arbitrary: fc.boolean().map((isRunning): Move => ({ move: "turn", isRunning })) },
      { weight: 3, arbitrary: fc.constant<Move>({ move: "commit" }) },
      {
        weight: 5,
        arbitrary: fc
          .record({
            conflicts: fc.constantFrom(true, true, false, null),
            ci: fc.constantFrom("failing", "failing", "passing", "pending" as const),
            bots: fc.integer({ min: 0, max: 30 }),
            asked: fc.integer({ min: 0, max: 1 }),
          })
          .map((rest): Move => ({ move: "pr", ...rest })),
      },
      { weight: 1, arbitrary: fc.constantFrom(0, 1, null).map((code): Move => ({ move: "exit", code })) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((number): Move => ({ move: "ask", number })) },
    ),
    limits,
  );

function wait(ms: number): Move {
  return { move: "wait", ms };
}

/** Every reaction sends to the agent: those that do by default, and those that a config may turn into one. */
export const SENDING: Partial<Policy> = {
  trustedBots: ["bugbot"],
  reactions: resolveReactions(
    Object.fromEntries(
      ReactionKey.options.map((key) => [key, { auto: true, action: "send-to-agent" as const, threshold: 20_000 }]),
    ),
  ),
};

export interface Sent {
  key: ReactionKey;
  ms: number;
  /** Turns that had ended by then. */
  turns: number;
}

/** A session with an agent and a world that do whatever causes another message. Its actions succeed at once. */
export class Adversary {
  readonly run: Play;
  readonly sent: Sent[] = [];
  ms = 1000;
  private done = 0;
  private heads = 1;
  private snapshot: PRSnapshot;

  constructor(policy: Partial<Policy> = SENDING) {
    this.run = playRunning(policy);
    this.snapshot = aPr({ ci: "passing" });
    this.tell({ kind: "pr", snapshot: this.snapshot });
  }

  play(move: Move): void {
    this.ms += 100;
    const launch = this.run.record.launch.last?.number ?? 1;
    switch (move.move) {
      case "wait":
        this.ms += move.ms;
        this.tell();
        return;
      case "turn":
        this.tell(this.activity(move.isRunning ? "active" : "ready"));
        return;
      case "commit":
        this.heads += 1;
        this.see({ headSha: this.heads.toString(16).padStart(40, "0") });
        return;
      case "pr":
        this.see(problemsOf(move, this.heads));
        return;
      case "exit": {
        const exit = { code: move.code, signal: null, at: iso(this.ms), lastOutput: null };
        this.tell({ kind: "exited", launch, exit });
        return;
      }
      case "ask":
        this.tell({ ...this.activity("waiting_input"), kind: "activity" });
    }
  }

  private see(changes: Partial<PRSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...changes };
    const { headSha, checks } = this.snapshot;
    const logs = checks.map(
      (check): TestFact => ({ kind: "check-log", headSha, key: `${check.name}#${check.attempt ?? 1}`, log: "no" }),
    );
    const work = aWork({ at: iso(this.ms), headSha, commitsAhead: 1, changedFiles: this.heads % 3 });
    this.tell({ kind: "pr", snapshot: this.snapshot }, ...logs, { kind: "work", work });
  }

  private activity(state: "active" | "ready" | "waiting_input"): Extract<TestFact, { kind: "activity" }> {
    const launch = this.run.record.launch.last?.number ?? 1;
    return {
      kind: "activity",
      launch,
      activity: { state, since: iso(this.ms), source: "hook", evidence: "seen", question: `q${this.ms}` },
    };
  }

  private tell(...facts: TestFact[]): void {
    this.run.at(this.ms, ...facts);
    for (let round = 0; round < 20 && this.done < this.run.actions.length; round++) {
      const fresh = this.run.actions.slice(this.done);
      this.done = this.run.actions.length;
      // No result arrives at the moment at which it was requested.
      this.ms += 10;
      const results = fresh.flatMap((action) => this.resultOf(action));
      if (results.length > 0) this.run.at(this.ms, ...results);
    }
  }

  private resultOf(action: Action): TestFact[] {
    switch (action.kind) {
      case "start": {
        const handle = { id: "x", runtimeName: "tmux", data: {} };
        return [{ kind: "launched", launch: action.launch, handle, pid: 1, startId: "x", isReady: true }];
      }
      case "deliver":
        this.note(action.messageId);
        return [
          { kind: "message-written", id: action.messageId },
          { kind: "message-accepted", id: action.messageId },
        ];
      case "stop":
        return [{ kind: "stopped", launch: action.launch }];
      default:
        return [];
    }
  }

  private note(messageId: string): void {
    const key = this.run.record.messages.list.find(({ id }) => id === messageId)?.reaction;
    if (key) this.sent.push({ key, ms: this.ms, turns: this.run.record.turns });
  }
}

function problemsOf({ conflicts, ci, bots, asked }: Extract<Move, { move: "pr" }>, heads: number): Partial<PRSnapshot> {
  return {
    hasConflicts: conflicts,
    ci,
    checks: ci === "failing" ? [aCheck({ attempt: bots + 1 })] : [],
    botComments: bots === 0 ? [] : [aComment({ id: `b${heads}.${bots}`, author: "bugbot" })],
    review: asked === 0 ? "pending" : "changes_requested",
    reviews: asked === 0 ? [] : [aReview({ id: "r1" })],
  };
}
