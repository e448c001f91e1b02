import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { Chalk } from "chalk";
import { expect, it } from "vitest";
import { META, view } from "../testing/views.ts";
import { clockTime, widthOf } from "./format.ts";
import { statusLines, statusScreen } from "./status-text.ts";

const NOW_MS = Date.parse("2026-01-02T06:04:05.000Z");
const look = (columns: number) => ({ columns, nowMs: NOW_MS, colour: new Chalk({ level: 0 }) });
const MIN_AGO = (minutes: number) => new Date(NOW_MS - minutes * 60_000).toISOString();

function needing(id: string, minutes: number, more: Partial<SessionView> = {}): SessionView {
  const hint = `ao diff ${id}, then ao review ${id} --approve`;
  const attention = {
    level: "action" as const,
    reason: "PR 8 is waiting for your review",
    hint,
    since: MIN_AGO(minutes),
  };
  return view({ id, status: "review_pending", group: "needs-you", attention, ...more });
}

const lines = (sessions: SessionView[], columns: number) => statusLines({ sessions, meta: META }, look(columns));

it("says what each age is the age of", () => {
  const sessions = [
    needing("app-1", 180),
    view({ id: "app-2", statusSince: MIN_AGO(5) }),
    view({ id: "app-3", group: "waiting", activity: { state: "idle", since: MIN_AGO(7), source: "hook" } }),
    view({ id: "app-4", group: "ended", status: "merged", statusSince: MIN_AGO(30), removalAt: MIN_AGO(-60) }),
  ];
  const text = lines(sessions, 160).join("\n");
  expect(text).toMatch(/app-1 .* waits 3 h/);
  expect(text).toMatch(/app-2 .* for 5 m/);
  expect(text).toMatch(/app-3 .* working \(idle\) +for 7 m/);
  expect(text).toMatch(/app-4 .* 30 m ago .*will be removed in 1 h/);
});

it("says until when a session is snoozed, with the date if that is not today", () => {
  const until = (iso: string) => lines([needing("app-1", 180, { snoozedUntil: iso })], 160).join("\n");
  const local = (iso: string) => clockTime(iso, NOW_MS);
  expect(until(MIN_AGO(-60))).toMatch(new RegExp(`snoozed until ${local(MIN_AGO(-60))} `));
  expect(until(MIN_AGO(-2 * 24 * 60))).toMatch(/snoozed until 2026-01-0[345] \d\d:\d\d /);
  expect(until(MIN_AGO(-60))).not.toContain("waits");
});

it("distinguishes an issue from a pull request, and shows the agent", () => {
  const pr: SessionView["pr"] = {
    number: 8,
    url: "",
    state: "open",
    ci: "passing",
    review: "pending",
    mergeable: false,
    headSha: "",
    baseBranch: "main",
    hasConflicts: false,
    asOf: null,
  };
  const text = lines([needing("app-1", 1, { pr, agent: "codex" })], 160).join("\n");
  expect(text).toMatch(/#42 Fix the login +codex +review_pending .* PR 8 ✓ci …review/);
  const aged = (minutes: number, state: "open" | "merged" = "open") =>
    lines([needing("app-1", 1, { pr: { ...pr, state, asOf: MIN_AGO(minutes) } })], 160).join("\n");
  expect(aged(3)).toContain("PR 8 ✓ci …review as of 3 m ago");
  expect([aged(1), aged(3, "merged")].join("\n")).not.toContain("as of");
});

it("has a column for the project only if there are several", () => {
  const one = [needing("app-1", 1), needing("app-2", 1)];
  expect(lines(one, 160).join("\n")).not.toContain("my-app");
  expect(lines([...one, needing("web-1", 1, { projectId: "website" })], 160).join("\n")).toMatch(/web-1 +website +#42/);
});

it("shows JSON's `next` completely, however narrow the terminal is", () => {
  for (const columns of [40, 60, 80, 100, 160]) {
    const shown = lines([needing("app-1", 1)], columns);
    const words = shown.join(" ").replace(/\s+/g, " ");
    expect(words, `${columns} columns`).toContain("ao diff app-1, then ao review app-1 --approve");
    for (const line of shown) expect(widthOf(line), `${columns} columns: ${line}`).toBeLessThanOrEqual(columns);
  }
});

it("keeps each column in its place in every row and group", () => {
  const sessions = [
    needing("app-1", 180),
    needing("longprefix-12", 2, { agent: "claude-code", projectId: "website" }),
    view({ id: "app-2", statusSince: MIN_AGO(5), permissions: "skip" }),
    view({ id: "app-3", group: "waiting", activity: { state: "idle", since: MIN_AGO(7), source: "hook" } }),
    view({ id: "app-4", group: "ended", status: "merged", statusSince: MIN_AGO(30) }),
  ];
  for (const columns of [60, 72, 80, 100, 120, 160, 200]) {
    const shown = lines(sessions, columns);
    const rows = shown.filter((line) => /^ {2}(app|longprefix)-\d+ /.test(line));
    const placesOf = (pattern: RegExp) => new Set(rows.map((row) => row.search(pattern)));
    expect(rows).toHaveLength(sessions.length);
    expect(placesOf(/review_pending|working|merged/).size, `${columns} columns: ${shown.join("\n")}`).toBe(1);
    expect(placesOf(/waits \d|for \d|\d+ m ago/).size, `${columns} columns: ${shown.join("\n")}`).toBe(1);
    const steps = shown.flatMap((line) => (line.includes("→") ? [line.indexOf("→")] : []));
    expect(new Set(steps).size, `${columns} columns: ${shown.join("\n")}`).toBeLessThanOrEqual(1);
  }
});

it("leaves out the last sessions on a screen, and counts them", () => {
  const sessions = [
    ...Array.from({ length: 8 }, (_, index) => needing(`app-${index + 1}`, 100 - index)),
    ...Array.from({ length: 20 }, (_, index) => view({ id: `app-${index + 9}` })),
  ];
  for (const rows of [6, 12, 24, 40]) {
    const shown = statusScreen({ sessions, meta: META }, { ...look(80), rows });
    expect(shown.length, `${rows} rows`).toBeLessThanOrEqual(rows);
    expect(shown.join("\n")).toContain("app-1 ");
    const ids = sessions
      .map(({ id }) => id)
      .filter((id) => shown.some((line) => line.trimStart().startsWith(`${id} `)));
    expect(ids).toEqual(sessions.slice(0, ids.length).map(({ id }) => id));
    expect(shown.at(-1)).toBe(`… ${sessions.length - ids.length} more sessions: ao status shows all`);
  }
  const all = statusScreen({ sessions, meta: META }, { ...look(80), rows: 200 });
  expect(all).toEqual(lines(sessions, 80));
});

it("keeps room for the sessions that need you, however many notices there are", () => {
  const notices = Array.from({ length: 30 }, (_, index) => ({ level: "warning" as const, text: `notice ${index}` }));
  const shown = statusScreen(
    { sessions: [needing("app-1", 1)], meta: { ...META, notices } },
    { ...look(80), rows: 20 },
  );
  expect(shown.join("\n")).toMatch(/… 24 more notices: ao status shows all[\s\S]*Needs you[\s\S]*app-1/);
});
