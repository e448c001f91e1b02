import { aPolicy, aPr, aRecord, HEAD, HEAD2, iso, T0 } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { Policy } from "../model/policy.ts";
import type { PRSnapshot } from "../model/pull-request.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { Launch, SessionRecord } from "../model/session.ts";
import {
  refusalOfClaim,
  refusalOfHandoff,
  refusalOfMerge,
  refusalOfMessage,
  refusalOfProposal,
  refusalOfPush,
  refusalOfRestore,
  refusalOfSnooze,
  refusalOfWaiting,
} from "./refusals.ts";
import { causeOfAttention } from "./snooze.ts";

type Changes = RecordChanges;

const launch = (changes: Partial<Launch> = {}): Launch => ({
  ...{ number: 1, mode: "first", messageId: null, requestedAt: iso(), startedAt: iso(1), handle: null },
  ...{ pid: 7, startId: null, isReady: true, exit: null },
  ...changes,
});
const exit = { code: 0, signal: null, at: iso(9), lastOutput: null, wasAsked: false };
const ended = (status: "killed" | "merged" | "done" | "errored"): Changes => ({
  phase: "ended",
  status,
  ending: { status, by: "user", reason: "no", at: iso(9) },
  launch: { last: launch({ exit }) },
});
const running: Changes = { phase: "running", status: "working", workspacePath: "/w", launch: { last: launch() } };
const stopping: NonNullable<SessionRecord["launch"]["stopping"]> = {
  ...{ launch: 1, reason: "no", requestedAt: iso(), ending: null, remove: false },
};
const perTurn: Policy = aPolicy({ agent: { lifetime: "per-turn", receipts: "never", canResume: true } });
const between: Changes = withChanges(running, { phase: "down", launch: { last: launch({ exit }) } });

describe("a message", () => {
  test.each<[string, Changes, string | undefined]>([
    ["goes to a session that runs", running, undefined],
    ["goes to one that is queued", {}, undefined],
    ["starts the agent again if it crashed", ended("errored"), undefined],
    ["does not go to one that was killed", ended("killed"), "app-1 is killed"],
    ["does not go to one that is archived", { ...ended("errored"), isArchived: true }, "app-1 is archived"],
  ])("%s", (_, changes, why) => expect(refusalOfMessage(aRecord(changes))?.message).toBe(why));
});

describe("a restore", () => {
  test.for<[string, Changes, Policy, string | undefined]>([
    ["brings back what has ended", ended("killed"), aPolicy(), undefined],
    ["has nothing to do while it runs", running, aPolicy(), "app-1 is running"],
    ["brings back an agent that exited", between, aPolicy(), undefined],
    [
      "has nothing to do between two turns",
      between,
      perTurn,
      "app-1 is between two turns, so there is nothing to restore",
    ],
  ])("%s", ([, changes, policy, why]) => expect(refusalOfRestore(aRecord(changes), policy)?.message).toBe(why));
});

describe("a handoff", () => {
  test.for<[string, Changes, Policy, string | undefined]>([
    ["takes the place of an agent that runs", running, aPolicy(), undefined],
    ["waits for the end of a turn that is a program of its own", running, perTurn, "app-1 is in the middle of a turn"],
    ["goes on where such a turn has ended", between, perTurn, undefined],
    ["goes on with what was killed", ended("killed"), aPolicy(), undefined],
    [
      "has nothing to do once it is merged",
      ended("merged"),
      aPolicy(),
      "app-1 is merged, so there is nothing left to hand off",
    ],
    ["comes too late for one that is removed", { ...running, phase: "removing" }, aPolicy(), "app-1 is being removed"],
    ["waits for a stop", withChanges(running, { launch: { stopping } }), aPolicy(), "app-1 is being stopped"],
    [
      "waits for a start",
      withChanges(running, { launch: { last: launch({ startedAt: null }) } }),
      aPolicy(),
      "app-1 is just starting",
    ],
    [
      "helps where a start failed",
      { launch: { last: launch({ startedAt: null, failedAt: iso(2) }) } },
      aPolicy(),
      undefined,
    ],
  ])("%s", ([, changes, policy, why]) => expect(refusalOfHandoff(aRecord(changes), policy)?.message).toBe(why));
});

describe("another pull request", () => {
  test.each<[string, Changes, string | undefined]>([
    ["can be taken over between turns", running, undefined],
    ["can follow one that is merged", { ...running, pr: { snapshot: aPr({ state: "merged" }) } }, undefined],
    ["needs a session that is not over", ended("killed"), "app-1 is killed"],
    ["needs a checkout", {}, "app-1 has no checkout now (queued)"],
    [
      "needs one that is not being stopped",
      withChanges(running, { launch: { stopping } }),
      "app-1 has no checkout now (working)",
    ],
    ["comes after the one that is open", { ...running, pr: { snapshot: aPr() } }, "app-1 has PR 7 open"],
    ["waits for the end of a turn", { ...running, turnStartedAt: iso(2) }, "app-1 is in the middle of a turn"],
  ])("%s", (_, changes, why) => expect(refusalOfClaim(aRecord(changes))?.message).toBe(why));
});

describe("a snooze", () => {
  const needy = aRecord({ attention: { level: "action", reason: "it asks", hint: "ao answer app-1", since: iso() } });
  const HOUR = 3_600_000;
  test.for<[string, SessionRecord, { ms: number; cause?: string | null }, string | undefined]>([
    ["hides what it needs you for", needy, { ms: HOUR }, undefined],
    ["hides what you were shown", needy, { ms: HOUR, cause: causeOfAttention(needy) }, undefined],
    [
      "does not hide what came since",
      needy,
      { ms: HOUR, cause: "else" },
      "app-1 needs you for something else now: it asks",
    ],
    ["hides nothing where nothing is", aRecord(), { ms: HOUR }, "app-1 does not need you now"],
    ["ends in the future", needy, { ms: 0 }, "that time has passed"],
    ["ends within a week", needy, { ms: 8 * 24 * HOUR }, "nothing can be snoozed for more than 7 days"],
  ])("%s", ([, record, { ms, cause }, why]) => {
    const given = { until: iso(ms), cause: cause ?? undefined, nowMs: T0 };
    expect(refusalOfSnooze(record, given)?.message).toBe(why);
  });
});

describe("a merge", () => {
  const ready = { mergeable: true, ciPassing: true, approved: true, noConflicts: true, blockers: [] };
  const blocked = { ...ready, mergeable: false, blockers: ["CI is failing", "it is not approved"] };
  test.for<[string, Partial<PRSnapshot>, string | undefined, string | undefined]>([
    ["goes ahead if it may", { readiness: ready }, undefined, undefined],
    ["goes ahead with the head that was shown", { readiness: ready }, HEAD, undefined],
    [
      "takes no other head",
      { readiness: ready },
      HEAD2,
      "the branch of app-1 is at aaaaaaa, not at bbbbbbb now, so nothing was merged",
    ],
    [
      "says all that is missing",
      { readiness: blocked },
      HEAD,
      "app-1 cannot be merged: CI is failing; it is not approved",
    ],
    [
      "is refused where nobody says why",
      { readiness: { ...blocked, blockers: [] } },
      HEAD,
      "app-1 cannot be merged: not ready",
    ],
    ["is none of what is closed", { state: "closed" }, HEAD, "the pull request of app-1 is closed"],
  ])("%s", ([, changes, headSha, why]) => {
    expect(refusalOfMerge(aRecord(), { snapshot: aPr(changes), headSha })?.message).toBe(why);
  });
});

describe("a pull request", () => {
  const fork = aPr({ info: { ...aPr().info, fork: "ann/my-app" } });
  test.each<[string, Changes, string | undefined]>([
    ["of the repository is pushed to", { pr: { snapshot: aPr() } }, undefined],
    [
      "that comes from a fork is not",
      { pr: { snapshot: fork } },
      "PR 7 comes from ann/my-app, and nothing can be pushed there from here",
    ],
    ["from a fork that is over is nobody's business", { pr: { snapshot: { ...fork, state: "merged" } } }, undefined],
  ])("%s", (_, changes, why) => expect(refusalOfPush(aRecord(changes))?.message).toBe(why));

  const over = { number: 7, headSha: HEAD, state: "merged" };
  test.each<[string, typeof over | { number: number; headSha: null; state: string }, boolean]>([
    ["is not opened for what was merged", over, true],
    ["is opened for what was committed since", { ...over, headSha: HEAD2 }, false],
    ["is opened after one that was not the session's", { ...over, number: 6 }, false],
    ["is opened where the commit is not known", { ...over, headSha: null }, false],
  ])("%s", (_, before, isRefused) => {
    expect(refusalOfProposal(aRecord({ pr: { snapshot: aPr({ state: "merged" }) } }), before) !== null).toBe(isRefused);
  });
});

describe("waiting for a session", () => {
  test.each<[string, Changes, string | undefined]>([
    ["that runs", running, undefined],
    ["that is merged", ended("merged"), undefined],
    ["that is done", ended("done"), undefined],
    [
      "that was killed when it was merged already",
      { ...ended("killed"), pr: { snapshot: aPr({ state: "merged" }) } },
      undefined,
    ],
    ["that was killed", ended("killed"), "app-1 is killed: it will not be merged or done"],
    ["that failed", ended("errored"), "app-1 is errored: it will not be merged or done"],
  ])("%s", (_, changes, why) => expect(refusalOfWaiting(aRecord(changes))?.message).toBe(why));
});
