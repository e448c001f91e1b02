import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { deliver, wording } from "./deliver.ts";
import { placeOf } from "./launch/place.ts";
import { Present } from "./present.ts";

const PROMPT: Screen = {
  rows: ["──────────────", ">"],
  styledRows: null,
  cursor: { row: 1, column: 2 },
  title: null,
  isPasteBracketed: true,
};

test.each([
  [
    { columns: 20, rows: 6 },
    { outcome: "deferred", because: "unreadable" },
  ],
  [{ columns: 60, rows: 20 }, { outcome: "written" }],
])("in a terminal of %j a message is %j", async (size, outcome) => {
  const present = new Present({ place: placeOf(tempDir()), clock: systemClock });
  const written: string[] = [];
  const terminal = {
    screen: async () => ({ ...PROMPT, size }),
    write: async ({ text }: { text: string }) => void written.push(text),
    press: async () => undefined,
  };
  expect(await deliver({ present, clock: systemClock }, { id: "m1", text: "hello" }, { terminal })).toEqual(outcome);
  expect(written).toEqual(outcome.outcome === "written" ? ["hello"] : []);
});

test.each([
  ["/exit", " /exit"],
  ["\u202e/exit", " /exit"],
  ["\ufeff!ls", " !ls"],
  ["{", " {"],
  ["exit", "exit"],
  ["a\u200bb\u0007", "ab"],
])("%j is pasted as %j", (text, words) => {
  expect(wording(text)).toBe(words);
});
