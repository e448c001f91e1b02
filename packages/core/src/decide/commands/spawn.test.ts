import { aPr, aRecord, iso, T0 } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewSession } from "../../model/command.ts";
import type { SessionRecord } from "../../model/session.ts";
import { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { admit } from "../queue.ts";
import { carryOut } from "./commands.ts";

const CTX = { nowMs: T0 };
const { instanceId, projectId } = aRecord();
const other = "ba9876543210";

function aBirth(changes: Partial<NewSession> = {}): NewSession {
  return {
    ...{ instanceId, projectId, prefix: "app", issue: null, prompt: "Tidy up", isAgain: false },
    ...{ agent: "one", agentOptions: {}, runtime: "two", workspace: "three", branch: "feat/new" },
    ...{ useExistingBranch: false, baseBranch: "main", takenPr: null, after: [], ports: 0 },
    ...changes,
  };
}
const issueOf = (id: string, tracker?: string) => ({
  ...{ id, title: `Issue ${id}`, url: `https://example.com/${id}` },
  ...(tracker === undefined ? {} : { tracker }),
});
const stateOf = (...sessions: SessionRecord[]): State => ({
  ...emptyState(),
  lastNumber: { app: 1 },
  sessions: Object.fromEntries(sessions.map((session) => [session.id, session])),
});
const spawn = (state: State, ...sessions: NewSession[]) =>
  carryOut(state, { kind: "spawn", sessions, wish: null }, CTX);
const idsOf = (state: State, ...sessions: NewSession[]): string[] | string => {
  const made = spawn(state, ...sessions);
  return "refused" in made ? made.refused.message : made.result.ids;
};
const killed = { ending: { status: "killed", by: "user", reason: "no", at: iso() } } as const;
const LIVE = "issue 42 already has a live session: app-1 (queued)";

test("a new session is queued, with everything that was looked up for it", () => {
  const made = spawn(emptyState(), aBirth({ issue: issueOf("42"), ports: 3 }));
  if ("refused" in made) throw new Error(made.refused.message);
  expect(made.result.ids).toEqual(["app-1"]);
  expect(made.next.sessions["app-1"]).toMatchObject({
    ...{ id: "app-1", instanceId, projectId, createdAt: iso(), phase: "queued", status: "queued" },
    ...{ agent: "one", runtime: "two", workspace: "three", branch: "feat/new", baseBranch: "main" },
    ...{ task: { issue: issueOf("42"), prompt: "Tidy up" }, ports: { first: 42_000, count: 3 } },
  });
  expect(made.next.projects).toMatchObject({ [`${instanceId}-${projectId}`]: { isPaused: false, told: [] } });
  expect(State.safeParse(made.next).error?.issues).toBeUndefined();
});

test("what it waits for and the pull request that it takes over are kept with it", () => {
  const after = [{ session: "app-9", issue: null, by: "user" as const, metAt: null }];
  const { info } = aPr();
  const made = spawn(emptyState(), aBirth({ after, takenPr: info, useExistingBranch: true }));
  const record = "refused" in made ? undefined : made.next.sessions["app-1"];
  expect(record).toMatchObject({ after, pr: { taken: { info, at: null } }, useExistingBranch: true });
});

describe("numbers", () => {
  test.for<[string, Record<string, number>, NewSession[], string[]]>([
    ["begin with 1", {}, [aBirth()], ["app-1"]],
    ["go on from the highest that was given out", { app: 7 }, [aBirth()], ["app-8"]],
    ["are given one after another", {}, [aBirth(), aBirth({ branch: "b" })], ["app-1", "app-2"]],
    ["count for each prefix", { app: 4 }, [aBirth({ prefix: "web" })], ["web-1"]],
    ["are shared by prefixes that differ only in case", { app: 4 }, [aBirth({ prefix: "App" })], ["App-5"]],
    ["are shared by configs", {}, [aBirth(), aBirth({ instanceId: other })], ["app-1", "app-2"]],
  ])("%s", ([, lastNumber, sessions, ids]) => {
    expect(idsOf({ ...emptyState(), lastNumber }, ...sessions)).toEqual(ids);
  });

  test("are never given out twice, whatever is spawned, refused and removed", () => {
    const birth = fc.record({
      prefix: fc.constantFrom("app", "App", "web"),
      instanceId: fc.constantFrom(instanceId, other),
      issue: fc.constantFrom(null, issueOf("1"), issueOf("2")),
    });
    const rounds = fc.array(fc.tuple(fc.array(birth, { minLength: 1, maxLength: 4 }), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(rounds, (all) => {
        let state: State = emptyState();
        const seen: string[] = [];
        for (const [births, isRemoved] of all) {
          const made = spawn(state, ...births.map(aBirth));
          if ("refused" in made) continue;
          seen.push(...made.result.ids.map((id) => id.toLowerCase()));
          state = isRemoved ? { ...made.next, sessions: {} } : made.next;
        }
        expect(new Set(seen).size).toBe(seen.length);
      }),
    );
  });
});

describe("a second session on one issue", () => {
  const live = aRecord();
  const again = aBirth({ issue: issueOf("42") });
  test.for<[string, SessionRecord, Partial<NewSession>, string | string[]]>([
    ["is refused while one lives", live, {}, LIVE],
    ["is allowed if the user wants it", live, { isAgain: true }, ["app-2"]],
    ["is allowed once the first has ended", { ...live, ...killed }, {}, ["app-2"]],
    ["is allowed once the first is archived", { ...live, isArchived: true }, {}, ["app-2"]],
    ["is none in another project", live, { projectId: "web" }, ["app-2"]],
    ["is none in another config", live, { instanceId: other }, ["app-2"]],
    ["is none if another tracker has it", live, { issue: issueOf("42", "linear") }, ["app-2"]],
    ["is none on another issue", live, { issue: issueOf("43") }, ["app-2"]],
    ["is none without an issue", live, { issue: null }, ["app-2"]],
  ])("%s", ([, record, changes, expected]) => {
    expect(idsOf(stateOf(record), { ...again, ...changes })).toEqual(expected);
  });

  test("is refused within one request as well, and then nothing of it is done", () => {
    const state = emptyState();
    expect(idsOf(state, again, aBirth({ ...again, branch: "b" }))).toBe(LIVE);
    expect(state).toEqual(emptyState());
  });
});

describe("a branch or pull request that a live session has", () => {
  const { info } = aPr();
  const named = { branch: "feat/42", useExistingBranch: true };
  const taking = aRecord({ branch: "x", pr: { taken: { info, at: null } } });
  test.for<[string, SessionRecord, Partial<NewSession>, string | string[]]>([
    ["is refused by the name of the branch", aRecord(), named, "branch feat/42 is in use by app-1 (queued)"],
    ["is free once that has ended", aRecord(killed), named, ["app-2"]],
    ["is another one in another project", aRecord(), { ...named, projectId: "web" }, ["app-2"]],
    ["is the workspace's to avoid where none was named", aRecord(), { branch: "feat/42" }, ["app-2"]],
    [
      "is refused by the pull request",
      aRecord({ pr: { snapshot: aPr() } }),
      { takenPr: info },
      "PR 7 is the pull request of app-1 (queued)",
    ],
    ["is refused before it is taken over", taking, { takenPr: info }, "PR 7 is the pull request of app-1 (queued)"],
    [
      "is free once it is merged",
      aRecord({ pr: { snapshot: aPr({ state: "merged" }) } }),
      { takenPr: info },
      ["app-2"],
    ],
  ])("%s", ([, record, changes, expected]) => {
    expect(idsOf(stateOf(record), aBirth(changes))).toEqual(expected);
  });
});

test("sessions that would wait for one another are refused together", () => {
  const waits = (issue: string, on: string) =>
    aBirth({ issue: issueOf(issue), after: [{ session: null, issue: on, by: "user", metAt: null }], branch: issue });
  expect(idsOf(emptyState(), waits("1", "2"), waits("2", "1"))).toContain("issue 1 would wait for itself");
  expect(idsOf(emptyState(), waits("1", "2"), waits("2", "3"))).toEqual(["app-1", "app-2"]);
});

test("ports are leased one after another, and refused when there are none left", () => {
  const wide = aBirth({ ports: 3_000 });
  const made = spawn(emptyState(), wide, wide);
  const ports = "refused" in made ? [] : Object.values(made.next.sessions).map((record) => record.ports?.first);
  expect(ports).toEqual([42_000, 45_000]);
  expect(spawn(emptyState(), wide, wide, wide)).toMatchObject({ refused: { code: "UNAVAILABLE" } });
});

test("a new session waits in the queue for room", () => {
  const made = spawn(emptyState(), aBirth(), aBirth({ branch: "b" }));
  if ("refused" in made) throw new Error(made.refused.message);
  const { start, waiting } = admit(made.next, { max: 1, perInstance: {}, perProject: {} });
  expect([start, waiting.map(({ id }) => id)]).toEqual([["app-1"], ["app-2"]]);
});

test("the wish knows the sessions, for a caller that asks again", () => {
  const wish = { id: "w1", request: "spawn" };
  const made = carryOut(emptyState(), { kind: "spawn", sessions: [aBirth()], wish }, CTX);
  expect(made).toMatchObject({ next: { wishes: { w1: { sessionIds: ["app-1"], request: "spawn", at: iso() } } } });
});
