import { aPr, aRecord, HEAD, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { parseCallback } from "../../model/callback.ts";
import type { RecordChanges } from "../../model/record-changes.ts";
import { actionsOf } from "./press.ts";

const dialog = { id: "d1", kind: "permission" as const, text: "May I?", choices: ["Yes", "No"], takesText: false };
const activity = { state: "waiting_input" as const, since: iso(), source: "hook" as const, evidence: "asks" };
const info = { ...aPr().info, url: "https://forge.example/acme/app/pull/7" };

test.each<[string, string, RecordChanges, unknown[]]>([
  [
    "the choices of a question, for this dialog",
    "session.needs_input",
    { status: "needs_input", activity: { ...activity, dialog } },
    [
      { kind: "answer", session: "app-1", dialog: "d1", choice: 1 },
      { kind: "answer", session: "app-1", dialog: "d1", choice: 2 },
    ],
  ],
  [
    "none that only the terminal can answer",
    "session.needs_input",
    { status: "needs_input", activity: { ...activity, dialog: { ...dialog, onlyInTerminal: "x" } } },
    [],
  ],
  [
    "a merge of this head, and the page",
    "merge.ready",
    { status: "mergeable", pr: { snapshot: aPr({ info }) } },
    [{ kind: "merge", session: "app-1", head: HEAD }, "https://forge.example/acme/app/pull/7"],
  ],
  [
    "an approval of this head",
    "review.pending",
    { status: "review_pending", pr: { snapshot: aPr() } },
    [{ kind: "approve", session: "app-1", head: HEAD }],
  ],
  [
    "a restore after this launch",
    "session.errored",
    { phase: "ended", status: "errored" },
    [{ kind: "restore", session: "app-1", launch: 0 }],
  ],
  ["nothing for what is done", "merge.completed", { phase: "ended", status: "merged" }, []],
])("%s", (...[, type, changes, expected]) => {
  const event = { type, priority: "urgent" as const, message: "", data: {} };
  const actions = actionsOf({ event }, aRecord({ id: "app-1", ...changes }));
  expect(actions.map(({ url, callbackEndpoint = "" }) => url ?? parseCallback(callbackEndpoint))).toEqual(expected);
});
