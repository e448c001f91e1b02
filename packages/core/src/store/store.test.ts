import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { systemClock } from "../host/clock.ts";
import { newId } from "../host/ids.ts";
import { openStore } from "./store.ts";

it("gives back after reopening what was committed", () => {
  const home = tempDir("ao-store");
  const options = { home, clock: systemClock, ids: newId };
  const store = openStore(options);
  const events = store.commit({
    next: { ...store.state, isPaused: true },
    events: [{ draft: { type: "pr.created", message: "hello", data: { a: 1 } }, sessionId: "a-1", projectId: "a" }],
  });
  expect(events[0]).toMatchObject({ type: "pr.created", priority: "info", message: "hello", sessionId: "a-1" });
  expect(() => openStore(options)).toThrow(/has the state folder/);
  const { state } = store;
  store.close();
  const again = openStore(options);
  expect(again.problems).toEqual([]);
  expect(again.state).toEqual({ ...state, epoch: 2, seq: state.seq + 1 });
  expect(again.log.tail(1, { isPublic: true })[0]).toEqual(events[0]);
  again.close();
});
