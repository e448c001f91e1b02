import { aRecord, T0 } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";
import type { StateCommand } from "../../model/command.ts";
import { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { toPutAway } from "../put-away.ts";
import { carryOut } from "./commands.ts";
import { isConfigNeeded } from "./configs.ts";

const ID = "0123456789ab";
const run = (state: State, command: StateCommand): State => {
  const made = carryOut(state, command, { nowMs: T0 });
  if ("refused" in made) throw new Error(made.refused.message);
  expect(State.safeParse(made.next).error?.issues).toBeUndefined();
  return made.next;
};
const found = { kind: "register-config", id: ID, configPath: "/a/ao.yaml", repositories: { app: "1:2:3" } } as const;
const trusted = {
  kind: "trust-config",
  ...{ id: ID, configPath: "/a/ao.yaml", trustedPin: "p1", trustedText: "runs: x" },
  trustedFiles: { instance: "x", local: null },
} as const;
const { kind: _, ...trust } = trusted;

describe("a config", () => {
  test.each<[string, StateCommand[], Record<string, unknown> | undefined]>([
    ["that is new is not trusted", [found], { configPath: "/a/ao.yaml", trustedPin: null, trustedText: null }],
    ["that is trusted stays so when it is seen again", [trusted, found], trust],
    ["is trusted as it was shown", [found, trusted], { ...trust, repositories: found.repositories }],
    ["is trusted anew with another pin", [trusted, { ...trusted, trustedPin: "p2" }], { ...trust, trustedPin: "p2" }],
    [
      "that has moved keeps its trust",
      [trusted, { kind: "move-config", id: ID, configPath: "/b" }],
      { ...trust, configPath: "/b" },
    ],
    ["that nobody knows does not move", [{ kind: "move-config", id: ID, configPath: "/b" }], undefined],
    ["that is forgotten is gone", [found, { kind: "forget-config", id: ID }], undefined],
    ["that was forgotten is new again", [trusted, { kind: "forget-config", id: ID }, found], { trustedPin: null }],
  ])("%s", (_, commands, expected) => {
    const { instances } = commands.reduce(run, emptyState());
    if (expected === undefined) expect(instances).toEqual({});
    else expect(instances[ID]).toMatchObject(expected);
  });

  test("is forgotten with its projects, and with nothing of any other one's; its sessions stay in the history", () => {
    const project = (instanceId: string) => ({
      [`${instanceId}-app`]: { key: `${instanceId}-app`, instanceId, projectId: "app", isPaused: false, told: [] },
    });
    const state = { ...emptyState(), projects: { ...project(ID), ...project("b") }, sessions: { "app-1": aRecord() } };
    const next = run(state, { kind: "forget-config", id: ID });
    expect([Object.keys(next.projects), Object.keys(next.sessions)]).toEqual([["b-app"], ["app-1"]]);
  });
});

test("paths follow a move exactly, and a session that has not moved stays the same", () => {
  const moved = aRecord({ workspacePath: "/old/w", preservedPath: "/old/p" });
  const near = aRecord({ id: "app-2", workspacePath: "/old/w2" });
  const state = { ...emptyState(), sessions: { "app-1": moved, "app-2": near } };
  const next = run(state, { kind: "follow-paths", paths: { "/old/w": "/new/w", "/old/p": "/new/p" } });
  expect(next.sessions["app-1"]).toMatchObject({ workspacePath: "/new/w", preservedPath: "/new/p" });
  expect(next.sessions["app-2"]).toBe(near);
});

test.each<[string, Partial<State>, boolean]>([
  ["a session of it lives", { sessions: { "app-1": aRecord() } }, true],
  ["work of it is kept", { sessions: { "app-1": aRecord({ isArchived: true, preservedPath: "/kept" }) } }, true],
  ["that session was put away", { archive: { "app-1": toPutAway(aRecord({ preservedPath: "/kept" })) } }, true],
  ["nothing of its sessions is left", { sessions: { "app-1": aRecord({ isArchived: true }) } }, false],
  ["the same of one that was put away", { archive: { "app-1": toPutAway(aRecord()) } }, false],
  ["it is another config's", { sessions: { "app-1": aRecord({ instanceId: "ba9876543210" }) } }, false],
])("whether a config is still needed: %s", (_, changes, isNeeded) => {
  expect(isConfigNeeded({ ...emptyState(), ...changes }, ID)).toBe(isNeeded);
});
