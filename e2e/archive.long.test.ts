import { bringBack, putAway } from "@agent-orchestrator/core/decide/put-away";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { newId } from "@agent-orchestrator/core/host/ids";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { openStore } from "@agent-orchestrator/core/store/store";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

interface Doc {
  data: { id: string }[];
  meta: Record<string, unknown>;
}
const doc = async (...args: string[]): Promise<Doc> => {
  const { stdout, stderr } = await box.ao(...args, "--json");
  expect(stderr).toBe("");
  const document = JSON.parse(stdout) as Doc;
  expect(document.data, stdout).toBeDefined();
  return document;
};

const COPIES = 249;
const round = { nowMs: Number.MAX_SAFE_INTEGER, most: 1000, isInUse: () => false };

/** While no daemon runs: as if ten minutes, and many sessions, had passed. */
function putAllAway(): void {
  const store = openStore({ home: box.home, clock: systemClock, ids: newId });
  const [first] = Object.values(store.state.sessions) as [SessionRecord];
  const copies = Array.from({ length: COPIES }, (_, at) => {
    const id = `app-${at + 2}`;
    const archivedAt = new Date(Date.parse(first.archivedAt ?? "") - (at + 1) * 1000).toISOString();
    return [id, { ...first, id, archivedAt, branch: `feat/copy-${at + 2}` }] as const;
  });
  const sessions = { ...store.state.sessions, ...Object.fromEntries(copies) };
  store.commit({ next: { ...store.state, sessions, lastNumber: { app: COPIES + 1 } }, events: [] });
  store.commit({ next: putAway(store.state, round), events: [] });
  expect(bringBack(store.state, first).sessions).toEqual({ "app-1": first });
  store.close();
}

it("sessions that were put away are listed by pages, shown, followed in the log, and restored with their work", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "echo work > work.txt; git add work.txt; git commit -qm work");
  expect((await box.ao("kill", "app-1", "--rm", "--yes")).status).toBe(0);
  await box.ao("stop");
  putAllAway();

  const all = await doc("status", "--all");
  expect([all.data.length, all.data[0]?.id, all.meta.archive]).toEqual([
    100,
    "app-1",
    { page: 1, pages: 3, total: COPIES + 1 },
  ]);
  const last = await doc("status", "--page", "3");
  expect([last.data.length, last.data.some(({ id }) => id === "app-250")]).toEqual([50, true]);
  expect((await box.ao("status", "--all")).stdout).toContain(
    "page 1 of 3 of 250 archived sessions: `ao status --page 2`",
  );
  expect((await doc("status")).data).toEqual([]);

  expect((await box.ao("show", "app-1")).stdout).toMatch(/status +killed, archived/);
  expect((await box.ao("events", "app-1")).stdout).toContain("session.");
  expect((await box.ao("show", "1")).stderr).toMatch(/no live session for 1\n +hint: app-\d+ had issue 1/);
  const restored = await box.ao("restore", "app-1");
  expect([restored.status, restored.stderr]).toEqual([0, ""]);
  await waitFor(() => box.agentEvents().filter(({ event }) => event === "start").length === 2, { what: "the agent" });
  expect((await box.asAgent("app-1", "cat work.txt")).text).toContain("work");
  const next = await doc("spawn", "app", "2");
  expect(next.data[0]?.id).toBe("app-251");
});
