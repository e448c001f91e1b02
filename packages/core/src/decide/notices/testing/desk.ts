import { aPolicy, aRecord, routed, T0 } from "@agent-orchestrator/testkit/records";
import { expect } from "vitest";
import type { Action } from "../../../model/action.ts";
import type { ToldFact } from "../../../model/fact.ts";
import { NOTICES, type Notice, type NotifyPolicy } from "../../../model/notice.ts";
import { type RecordChanges, withChanges } from "../../../model/record-changes.ts";
import type { SessionRecord } from "../../../model/session.ts";
import type { State } from "../../../model/state.ts";
import { toIso } from "../../../model/time.ts";
import { emptyState } from "../../../store/fold.ts";
import { type Plan, planStep } from "../../step.ts";

type Tell = Extract<Action, { kind: "tell" }>;

/** A daemon's notices, with channels that the test answers for. */
export class Desk {
  state: State;
  nowMs = T0;
  policy: NotifyPolicy = routed("urgent", "action", "warning", "info");
  /** Open messages, oldest first. */
  readonly open: Tell[] = [];
  readonly events: string[] = [];
  wakeAtMs: number | null = null;

  constructor(...ids: string[]) {
    const sessions = Object.fromEntries(ids.map((id) => [id, aRecord({ id, phase: "ended", status: "done" })]));
    this.state = { ...emptyState(), sessions, isAllCompleteTold: true };
  }

  #step(facts: ToldFact[], done: string[] = []): Plan {
    const stamped = facts.map((fact) => ({ at: toIso(this.nowMs), ...fact }));
    const input = {
      facts: new Map(facts.length === 0 ? [] : [[NOTICES, stamped as never]]),
      done: new Set(done),
      due: new Set([NOTICES]),
    };
    const plan = planStep(this.state, input, {
      nowMs: this.nowMs,
      policy: () => aPolicy({ notify: this.policy }),
      watchedSince: () => T0,
      limits: () => ({ max: null, perInstance: {}, perProject: {} }),
    });
    expect(plan.bugs).toEqual([]);
    this.state = plan.next;
    this.open.push(...plan.actions.flatMap(({ action }) => (action.kind === "tell" ? [action] : [])));
    this.events.push(...plan.events.map(({ draft }) => draft.type).filter((type) => type.startsWith("notify.")));
    this.wakeAtMs = plan.wakeAt.get(NOTICES) ?? null;
    return plan;
  }

  /** Something to tell of a session. */
  add(sessionId: string, name: string, changes: Partial<Notice["event"]> = {}): this {
    const { priority = "action", type = "pr.merged", data = {} } = changes;
    const key = `notify:${sessionId}:${name}`;
    const notice = {
      ...{ key, sessionId, projectId: "my-app", instanceId: "i", createdAt: toIso(this.nowMs) },
      event: { type, priority, message: `${sessionId}: ${name}`, data },
      ...{ dueAt: toIso(this.nowMs), whileStatus: null, attentionSince: null, deliveredAt: null, reminders: 0 },
      channels: {},
    };
    this.state = { ...this.state, notices: { ...this.state.notices, [key]: notice } };
    return this;
  }

  change(id: string, changes: RecordChanges): this {
    const record = withChanges(this.state.sessions[id] as SessionRecord, changes);
    this.state = { ...this.state, sessions: { ...this.state.sessions, [id]: record } };
    return this;
  }

  look(): this {
    this.#step([]);
    return this;
  }

  /** Time passes, with everything that falls due in it. */
  pass(ms: number): this {
    const end = this.nowMs + ms;
    this.look();
    while (this.wakeAtMs !== null && this.wakeAtMs <= end && this.wakeAtMs > this.nowMs) {
      this.nowMs = this.wakeAtMs;
      this.look();
    }
    this.nowMs = end;
    return this.look();
  }

  /** The oldest open message arrives, or does not. Returns what it said. */
  answer(outcome: "yes" | "no" | "final", retryAfterMs = 0): string[] {
    const tell = this.open.shift();
    if (tell === undefined) throw new Error("nothing is open");
    const { channel, notices: keys, key } = tell;
    const failure = { code: "UNREACHABLE" as const, message: "down" };
    const fact: ToldFact =
      outcome === "yes"
        ? { kind: "notices-told", channel, keys }
        : { kind: "notices-not-told", channel, keys, failure, retryAfterMs, isFinal: outcome === "final" };
    this.#step([fact], [key]);
    return keys.map((each) => each.replace("notify:", ""));
  }

  /** What is open, as lists of names. */
  asks(): string[][] {
    return this.open.map(({ notices }) => notices.map((key) => key.replace("notify:", "")));
  }
}
