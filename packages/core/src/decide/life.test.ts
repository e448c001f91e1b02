import { aContext, aRecord, iso, startFacts } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { decide } from "./decide.ts";

test("a session that is admitted, launched and killed goes through queued, spawning, working and killed", () => {
  const queued = aRecord();
  const admitted = decide(queued, [{ kind: "admitted", at: iso() }], aContext());
  expect(admitted.next.status).toBe("spawning");
  expect(admitted.actions).toEqual([
    { kind: "start", key: "start:app-1:1", launch: 1, mode: "first", messageId: null },
  ]);
  const launched = decide(admitted.next, startFacts(100), aContext(100));
  expect(launched.next.status).toBe("working");
  expect(launched.events.map((each) => each.type)).toEqual(["session.spawned", "session.working"]);
  const kill = decide(
    launched.next,
    [{ kind: "wish-kill", at: iso(200), remove: false, by: "user", reason: "ao kill" }],
    aContext(200),
  );
  expect(kill.actions).toEqual([{ kind: "stop", key: "stop:app-1:1", launch: 1, reason: "ao kill" }]);
  expect(kill.next.status).toBe("working");
  const stopped = decide(kill.next, [{ kind: "stopped", at: iso(300), launch: 1 }], aContext(300));
  expect(stopped.next.status).toBe("killed");
  expect(stopped.events.map((each) => each.type)).toEqual(["session.killed"]);
  expect(stopped.actions).toEqual([]);
});

test("deciding again on nothing new returns the same record and does nothing", () => {
  const { next } = decide(aRecord(), [{ kind: "admitted", at: iso() }], aContext());
  const again = decide(next, [], aContext());
  expect(again.next).toBe(next);
  expect(again.actions).toEqual([]);
  expect(again.events).toEqual([]);
});
