import { join } from "node:path";
import type { DigestLine } from "@agent-orchestrator/core/model/digest";
import type { Digest } from "@agent-orchestrator/core/protocol/results";
import { beforeAll, expect, it, vi } from "vitest";
import { asked, mergeable } from "../testing/inbox-rows.ts";
import { digestText } from "./digest-text.ts";
import { widthOf } from "./format.ts";

// Times are shown in the zone of the machine.
beforeAll(() => void vi.stubEnv("TZ", "UTC"));

const golden = (name: string) => join(import.meta.dirname, "../fixtures", name);
const line = (sessionId: string, pr: number | null, text: string): DigestLine => ({
  ...{ at: "2026-01-02T02:14:00.000Z", sessionId, projectId: "my-app", pr, text },
});

const QUIET: Digest = {
  since: "2026-01-01T23:00:00.000Z",
  until: "2026-01-02T08:00:00.000Z",
  merged: [],
  failed: [],
  counts: { started: 0, opened: 0, asked: 0, ciFailed: 0, fixesSent: 0, reviewsSent: 0 },
  isCut: false,
  cost: { usd: 0, knownUsd: 0, tokens: 0, unpriced: [] },
  isCostWhole: true,
  waits: [],
  snoozed: 0,
  now: { working: 0, waiting: 0, queued: 0 },
};
const BUSY: Digest = {
  ...QUIET,
  merged: Array.from({ length: 11 }, (_, at) => line(`app-${at + 1}`, at + 1, `PR ${at + 1} was merged into main`)),
  failed: [
    line(
      "web-7",
      null,
      "was started, and its program ended with 1 before it did anything of the kind that it was asked for",
    ),
  ],
  counts: { started: 12, opened: 11, asked: 3, ciFailed: 1, fixesSent: 1, reviewsSent: 2 },
  cost: { usd: null, knownUsd: 4.12, tokens: 1_300_000, unpriced: ["a-model"] },
  waits: [
    asked(["app-12", "app-13"], { since: "2026-01-02T01:00:00.000Z" }),
    mergeable("app-14", { since: "2026-01-02T07:30:00.000Z" }),
  ],
  snoozed: 1,
  now: { working: 3, waiting: 1, queued: 2 },
};

it.each([
  ["digest", BUSY, 80],
  ["digest-40", BUSY, 40],
  ["digest-quiet", QUIET, 80],
])("%s", async (name, digest, columns) => {
  const text = digestText(digest, columns);
  for (const each of text.split("\n")) expect(widthOf(each), each).toBeLessThanOrEqual(columns);
  await expect(text).toMatchFileSnapshot(golden(`${name}.txt`));
});

it("does not say that something cost nothing if that is not known", () => {
  expect(digestText({ ...QUIET, isCostWhole: false }, 80)).toContain("Cost: unknown");
  expect(digestText({ ...BUSY, isCostWhole: false, isCut: true }, 80)).toContain("Also: at least 12 starts");
});
