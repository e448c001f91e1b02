import { type play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";

const SEC = 1_000;
const MIN = 60_000;
const task = { issue: { id: "42", title: "Fix the login", url: "u", tracker: "github" }, prompt: null };
const closes = (run: ReturnType<typeof play>) =>
  run.did("close-issue").map((action) => (action.kind === "close-issue" ? [action.key, action.issueId] : []));
const { number } = aPr().info;
const merged: TestFact = { kind: "pr", snapshot: aPr({ state: "merged" }) };
const failed = (again: string, code: "UNREACHABLE" | "REFUSED"): TestFact => ({
  kind: "effect-failed",
  key: `close-issue:app-1:${number}${again}`,
  action: "close-issue",
  failure: { code, message: "GitHub answered 502" },
});

test("an issue that could not be closed is closed later, though its session is over, and not for ever", () => {
  const run = playRunning({ closeIssueOnMerge: true }, { task }).at(1 * SEC, merged);
  expect(closes(run)).toEqual([[`close-issue:app-1:${number}`, "github:42"]]);
  run.at(2 * SEC, failed("", "UNREACHABLE"));
  expect(run.record.notes.at(-1)).toBe("Issue github:42 could not be closed: GitHub answered 502");
  run.until(6 * MIN);
  expect(closes(run)).toHaveLength(2);
  expect(closes(run)[1]).toEqual([`close-issue:app-1:${number}#1`, "github:42"]);
  for (let n = 1; n < 20; n++) {
    run.at(n * 60 * MIN, failed(`#${n}`, "UNREACHABLE")).until((n + 1) * 60 * MIN - SEC);
  }
  expect(closes(run)).toHaveLength(6);
});

test("what the tracker refuses is not asked for again", () => {
  const run = playRunning({ closeIssueOnMerge: true }, { task })
    .at(1 * SEC, merged)
    .at(2 * SEC, failed("", "REFUSED"));
  run.until(60 * MIN);
  expect(closes(run)).toHaveLength(1);
});
