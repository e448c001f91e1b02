import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { systemClock } from "../host/clock.ts";
import { readSmall } from "../host/files.ts";
import { newId } from "../host/ids.ts";
import { parseMetadata } from "./metadata.ts";
import { toEntries, viewPath } from "./session-view.ts";
import { openStore, type Store } from "./store.ts";
import { bundleChild, startChild } from "./testing/child.ts";

const KILLS = 25;

function wrongViews(store: Store): string[] {
  return Object.values(store.state.sessions).flatMap((session) => {
    const bytes = readSmall(viewPath(store.layout.home, session));
    const view = bytes === null ? null : parseMetadata(bytes);
    view?.entries.delete("rev");
    const isRight =
      view?.verdict === "sealed" && JSON.stringify([...view.entries]) === JSON.stringify([...toEntries(session)]);
    return isRight ? [] : [`${session.id}: ${view?.verdict ?? "missing"}`];
  });
}

it(`loses and repeats nothing when its process is killed ${KILLS} times at random moments`, {
  timeout: 120_000,
}, async () => {
  const script = bundleChild("writer-child");
  const home = makeTempDir("ao-kill");
  const figures = { acks: 0, lost: 0, invented: 0, badViews: 0, torn: 0, alarms: 0 };
  let reached = 0;
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startChild(process.execPath, [script, home]);
      await waitFor(() => child.lines.length > 0, { intervalMs: 2, what: "the first commit" });
      const end = performance.now() + Math.random() * 60;
      await waitFor(() => performance.now() > end, { intervalMs: 1 });
      child.process.kill("SIGKILL");
      await child.exited;
      figures.acks += child.lines.length;
      const acked = Number(child.lines.at(-1));
      const store = openStore({ home, clock: systemClock, ids: newId });
      reached = Number(store.state.sessions["app-1"]?.extra.number);
      if (reached < acked) figures.lost += 1;
      if (reached > acked + 1) figures.invented += 1;
      figures.badViews += wrongViews(store).length;
      for (const { kind } of store.problems) figures[kind === "log-torn" ? "torn" : "alarms"] += 1;
      store.close();
    }
    const store = openStore({ home, clock: systemClock, ids: newId });
    const told = [...store.log.read({ filter: { isPublic: true } })].map(
      ({ data }) => (data as { number: number }).number,
    );
    store.close();
    console.log(`${KILLS} kills, ${told.length} events: ${JSON.stringify(figures)}`);
    expect(told).toEqual(Array.from({ length: reached }, (_, index) => index + 1));
    expect(figures).toMatchObject({ lost: 0, invented: 0, badViews: 0, alarms: 0 });
  } finally {
    removeDir(home);
  }
});
