import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import type { Dialog } from "../model/dialog.ts";
import { notify } from "./notify.ts";

test.each<[string, Dialog["kind"], Dialog["kind"], number]>([
  ["drops a notice of the program that was replaced by a dialog of the agent", "notice", "permission", 0],
  ["sends a notice that was replaced by another one", "notice", "notice", 1],
  ["sends a dialog that was replaced by another one", "permission", "permission", 1],
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
