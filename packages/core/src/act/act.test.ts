import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type MemoryWorld, memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, describe, expect, test } from "vitest";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { type RecordChanges, withChanges } from "../model/record-changes.ts";
import type { ActCall } from "./call.ts";
import { deliver } from "./deliver.ts";
import type { Prompting } from "./launch-prompts.ts";
import { closeIssue, merge, openPr } from "./pull-request.ts";
import { remove } from "./remove.ts";
import { type StartAction, start } from "./start.ts";
import { stop } from "./stop.ts";
import { tell } from "./tell.ts";

let world: MemoryWorld;
let told: ToldFact[];
beforeEach(() => {
  world = memoryWorld({ home: tempDir("ao-act") });
  told = [];
});

function call(changes: RecordChanges = {}, signal = new AbortController().signal): ActCall {
  const record = aRecord({ branch: "feat/1", task: { issue: null, prompt: "do it" }, ...changes });
  const project = world.config;
  if (project === null) throw new Error("the world has no config");
  return {
    record,
    project,
    plugins: world.plugins(record),
    paths: world.paths(record),
    clock: world.clock,
    log: world.log,
    signal,
    tell: (facts) => void told.push(...facts),
    agentConfig: () => ({}),
    formerAgent: () => null,
    environment: () => world.environment(record),
  };
}

const starting: StartAction = { kind: "start", key: "start:app-1:1", launch: 1, mode: "first", messageId: null };
const prompting: Prompting = {
  instructions: () => "how to work",
  task: () => "the task",
  continuation: () => "go on",
  handOver: ({ task, diff, transcript }) => [task, diff, transcript].join("|"),
  maxTranscriptBytes: 100,
};

/** A session whose program is running, as the engine would have recorded it. */
async function started(): Promise<RecordChanges> {
  const [launched] = await start(call(), starting, prompting);
  if (launched?.kind !== "launched") throw new Error(JSON.stringify(launched));
  const { path } = told.find((fact) => fact.kind === "workspace-ready") ?? { path: "" };
  const times = { requestedAt: aRecord().createdAt, startedAt: aRecord().createdAt };
  const { handle, pid, startId } = launched;
  const launch = { number: 1, mode: "first" as const, messageId: null, ...times, handle, pid, startId, isReady: true };
  return { workspacePath: path, phase: "running", launch: { last: { ...launch, exit: null } } };
}

describe("start", () => {
  test("creates the checkout, writes the prompt and runs the program", async () => {
    const facts = await start(call(), starting, prompting);
    expect(facts).toMatchObject([{ kind: "launched", launch: 1, pid: 1, isReady: false }]);
    expect(told).toMatchObject([{ kind: "workspace-ready", branch: "feat/1", baseBranch: "main" }]);
    expect(world.workspace.ran).toEqual(["postCreate app-1"]);
    const file = join(world.paths(aRecord()).sessionDir, "prompt.md");
    expect(readFileSync(file, "utf8")).toBe("how to work\nthe task");
    expect(world.runtime.of("app-1")?.config.environment.AO_PROMPT_FILE).toBe(file);
  });

  for (const late of ["workspace.create", "workspace.postCreate", "runtime.create"]) {
    test(`done twice, the first time cut off after ${late}: one checkout, one program`, async () => {
      world.faults.inject(late, "late");
      expect(await start(call(), starting, prompting)).toMatchObject([{ kind: "start-failed" }]);
      expect(await start(call(), starting, prompting)).toMatchObject([{ kind: "launched" }]);
      expect(world.workspace.made.get("app-1")).toBe(1);
      expect(world.runtime.programs).toHaveLength(1);
    });
  }

  test("names the step that failed", async () => {
    for (const [method, step] of [
      ["workspace.create", "workspace"],
      ["workspace.postCreate", "post-create"],
      ["agent.getLaunchSpec", "agent"],
      ["runtime.create", "runtime"],
    ] as const) {
      world.faults.inject(method, "fail");
      expect(await start(call(), starting, prompting)).toMatchObject([{ kind: "start-failed", step }]);
    }
    expect(world.runtime.programs).toEqual([]);
  });

  test("a running program counts as started, even if its process id is unknown", async () => {
    world.faults.inject("runtime.getProcess", "cannot-tell");
    expect(await start(call(), starting, prompting)).toMatchObject([{ kind: "launched", pid: null }]);
  });

  test("that was aborted does not count as a failed start", async () => {
    const giveUp = new AbortController();
    world.faults.inject("workspace.create", "hang");
    const broken = start(call({}, giveUp.signal), starting, prompting);
    await world.clock.pass(0);
    giveUp.abort(new Error("stopped"));
    await expect(broken).rejects.toThrow("stopped");
  });
});

describe("stop", () => {
  test("ends the program, and does nothing the second time", async () => {
    const record = await started();
    for (let n = 0; n < 2; n++) expect(await stop(call(record), 1)).toEqual([{ kind: "stopped", launch: 1 }]);
    expect(world.runtime.alive("app-1")).toEqual([]);
  });

  test("finds what an interrupted start left behind", async () => {
    await started();
    await stop(call({ launch: { last: null } }), 1);
    expect(world.runtime.alive("app-1")).toEqual([]);
  });

  test("leaves a session of the same name in another state folder alone", async () => {
    await started();
    await stop(call({ launch: { last: null }, instanceId: "ffffffffffff" }), 1);
    expect(world.runtime.alive("app-1")).toHaveLength(1);
  });
});

describe("deliver", () => {
  const message = { id: "m1", origin: "user" as const, reaction: null, text: "go on", createdAt: aRecord().createdAt };
  const rest = { heldFor: null, isUrgent: false, writtenAt: null, settledAt: null, failure: null, restoredFor: false };
  const messages = [{ ...message, state: "writing" as const, ...rest }];

  test("types a message once, however often it runs", async () => {
    const record = withChanges(await started(), { messages: { list: messages } });
    world.faults.inject("runtime.sendMessage", "late");
    await expect(deliver(call(record), { messageId: "m1" })).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(await deliver(call(record), { messageId: "m1" })).toEqual([{ kind: "message-written", id: "m1" }]);
    expect(world.runtime.of("app-1")?.got).toHaveLength(1);
  });

  test.each([
    ["UNREACHABLE", { hasWritten: false }, "rejected"],
    ["UNREACHABLE", { hasWritten: true }, "message-unconfirmed"],
    ["REFUSED", { hasWritten: true }, "rejected"],
  ] as const)("a failure %s %o of the agent's own input channel ends as %s", async (code, { hasWritten }, end) => {
    const record = withChanges(await started(), { messages: { list: messages } });
    world.agent.deliver = async (_session, { id, text }, { terminal }) => {
      if (hasWritten) await terminal.write({ id, text, how: "typed" });
      throw new AoError(code, "it did not answer");
    };
    const outcome = deliver(call(record), { messageId: "m1" }).then(([fact]) => fact?.kind);
    expect(await outcome.catch(() => "rejected")).toBe(end);
  });

  test("puts it back if the agent has a question by now", async () => {
    const since = aRecord().createdAt;
    const activity = { state: "waiting_input" as const, since, source: "hook" as const, evidence: "" };
    const record = withChanges(await started(), { messages: { list: messages }, activity });
    expect(await deliver(call(record), { messageId: "m1" })).toEqual([{ kind: "message-deferred", id: "m1" }]);
    expect(world.runtime.of("app-1")?.got).toEqual([]);
  });

  test("says that the agent is not running", async () => {
    await expect(deliver(call({ messages: { list: messages } }), { messageId: "m1" })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });
});

describe("a pull request", () => {
  const wanted = { title: "One", body: null };

  test("is opened once, however often it runs", async () => {
    const record = await started();
    world.repository.commit("feat/1", { "a.txt": "a" });
    for (let n = 0; n < 2; n++) {
      expect(await openPr(call(record), wanted)).toMatchObject([{ kind: "pr", snapshot: { state: "open" } }]);
    }
    expect(world.scm.prs).toHaveLength(1);
  });

  test("that was opened counts as opened, even if its state cannot be read", async () => {
    const record = await started();
    world.repository.commit("feat/1", { "a.txt": "a" });
    world.faults.inject("scm.getSnapshots", "cannot-tell");
    expect(await openPr(call(record), wanted)).toEqual([]);
    expect(world.scm.prs).toHaveLength(1);
  });

  test("is merged once, only at the head that was judged, and still counts as merged if the response is lost", async () => {
    const record = await started();
    const headSha = world.repository.commit("feat/1", { "a.txt": "a" });
    const [fact] = await openPr(call(record), wanted);
    const pr = fact?.kind === "pr" ? fact.snapshot : null;
    await world.scm.submitReview(pr?.info as never, { state: "approved", body: "" });
    const wrong = { headSha: "f".repeat(40), method: null, isAuto: false };
    await expect(merge(call(withChanges(record, { pr: { snapshot: pr } })), wrong)).rejects.toMatchObject({
      code: "REFUSED",
    });
    await world.scm.submitReview(pr?.info as never, { state: "changes_requested", body: "No." });
    const auto = { headSha, method: null, isAuto: true };
    await expect(merge(call(withChanges(record, { pr: { snapshot: pr } })), auto)).rejects.toMatchObject({
      code: "TRY_AGAIN",
    });
    expect(told.at(-1)).toMatchObject({ kind: "pr", snapshot: { review: "changes_requested" } });
    await world.scm.submitReview(pr?.info as never, { state: "approved", body: "" });
    world.faults.inject("scm.mergePR", "late");
    await expect(
      merge(call(withChanges(record, { pr: { snapshot: pr } })), { headSha, method: null, isAuto: false }),
    ).rejects.toThrow();
    world.faults.inject("scm.getSnapshots", "fail");
    expect(
      await merge(call(withChanges(record, { pr: { snapshot: pr } })), { headSha, method: null, isAuto: false }),
    ).toEqual([{ kind: "merged", headSha }]);
    expect(world.scm.prs[0]?.merges).toBe(1);
  });

  test("its issue is closed once", async () => {
    const issueId = world.tracker.seed({ title: "One", description: "" });
    for (let n = 0; n < 2; n++) await closeIssue(call(), { issueId, comment: "done" });
    expect(world.tracker.comments).toHaveLength(1);
    expect(world.tracker.issues.get(issueId)?.state).toBe("closed");
  });
});

describe("remove", () => {
  const removing = { key: "remove:app-1:1" };

  test("keeps the work first, and the next attempt finishes a removal that was interrupted anywhere", async () => {
    const record = await started();
    world.workspace.edit(record.workspacePath ?? "", "draft.txt");
    for (const method of ["workspace.preserve", "workspace.destroy"]) {
      world.faults.inject(method, "late");
      await expect(remove(call(record), removing)).rejects.toThrow();
    }
    const [fact] = await remove(call(record), removing);
    const path = fact?.kind === "removed" ? fact.preservedPath : null;
    expect(world.workspace.checkouts.size).toBe(0);
    expect([...world.workspace.kept.values()][0]?.changed).toEqual(["draft.txt"]);
    expect(path === null || world.workspace.kept.has(path)).toBe(true);
  });

  test("removes nothing that it could not keep", async () => {
    const record = await started();
    world.faults.inject("workspace.preserve", "fail");
    await expect(remove(call(record), removing)).rejects.toThrow();
    expect(world.workspace.checkouts.size).toBe(1);
  });
});

describe("tell", () => {
  const key = "notify:app-1:c";
  const event = {
    ...{ seq: 0, id: key, ts: aRecord().createdAt, type: "session.needs_input", priority: "urgent" as const },
    ...{ projectId: "my-app", sessionId: "app-1", message: "May I?", data: {} },
  };
  const action = { kind: "tell" as const, key: "tell:memory#1", channel: "memory#1", notices: [key] };

  function say(signal = new AbortController().signal, isBellDue = true): Promise<ToldFact[]> {
    const { clock, log, ring } = world;
    const message = { event, actions: [] };
    return tell({ message, isBellDue, clock, log, signal, notifier: () => world.channel("memory#1"), ring }, action);
  }

  test("gives the channel its message", async () => {
    expect(await say()).toEqual([{ kind: "notices-told", channel: "memory#1", keys: [key] }]);
    expect(world.notifier.told).toEqual([event]);
  });

  for (const fault of ["fail", "hang", "deaf"] as const) {
    test(`rings once where the channel answers "${fault}", and says that it is to be tried again`, async () => {
      world.faults.inject("notifier.notify", fault);
      const saying = say();
      await world.clock.pass(11_000);
      expect(await saying).toMatchObject([{ kind: "notices-not-told", keys: [key], isFinal: false }]);
      expect(world.rung).toEqual(["May I?"]);
      world.faults.inject("notifier.notify", "fail");
      await say(undefined, false);
      expect(world.rung).toHaveLength(1);
    });
  }

  test("leaves it to the next daemon if this one stops", async () => {
    world.faults.inject("notifier.notify", "hang");
    const giveUp = new AbortController();
    const saying = say(giveUp.signal);
    await world.clock.pass(0);
    giveUp.abort(new Error("ends"));
    await expect(saying).rejects.toThrow("ends");
    expect(world.rung).toEqual([]);
  });
});
