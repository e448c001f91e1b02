import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import type { Dialog } from "../model/dialog.ts";
import { notify } from "./notify.ts";

test.each<[string, Dialog["kind"], Dialog["kind"], number]>([
  ["a notice of the program that has made way for a dialog of the agent is dropped", "notice", "permission", 0],
  ["a notice that has made way for another one is told", "notice", "notice", 1],
  ["a dialog that has made way for another one is told", "permission", "permission", 1],
])("%s", async (...[, was, is, times]) => {
  const world = memoryWorld({ home: tempDir("ao-notify") });
  const dialog: Dialog = { id: "d2", kind: is, text: "May I?", choices: ["Yes"], takesText: false };
  const activity = {
    state: "waiting_input" as const,
    since: iso(),
    source: "hook" as const,
    evidence: "it asks",
    dialog,
  };
  const now = aRecord({ status: "needs_input", activity });
  const data = { question: { dialogId: "d1", kind: was } };
  await notify({
    record: now,
    notification: {
      event: { type: "session.needs_input", message: "?", data },
      ...{ cause: "c", settleMs: 0, whileStatus: ["needs_input"] },
    },
    ...{ key: "k", clock: world.clock, log: world.log, signal: new AbortController().signal },
    current: () => now,
    channels: () => world.channels(now, "urgent"),
    ring: (text) => world.ring(text),
  });
  expect(world.notifier.told).toHaveLength(times);
});
