import { activity, exited, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { expect, test } from "vitest";

const SEC = 1000;
const send: TestFact = { kind: "wish-send", message: { id: "m1", text: "do it", isUrgent: false } };
const doubted: TestFact = { kind: "message-deferred", id: "m1", isInDoubt: true };
const asking = () =>
  playRunning()
    .at(1 * SEC, activity("ready", 1 * SEC))
    .at(2 * SEC, send)
    .at(3 * SEC, activity("waiting_input", 3 * SEC), doubted);

test("a message of which nobody knows whether it went in is never given to another program", () => {
  // The same program's runtime knows what it has written.
  const same = asking().at(9 * SEC, activity("ready", 9 * SEC));
  expect(same.record.messages[0]?.state).toBe("writing");
  const gone = asking().at(9 * SEC, exited(9 * SEC, 1));
  expect(gone.record.messages[0]?.state).toBe("unconfirmed");
  expect(gone.did("start")).toHaveLength(1);
});
