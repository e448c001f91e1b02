import { existsSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readSmall } from "../../host/files.ts";
import { isAoError } from "../../model/errors.ts";
import { parseMetadata } from "../metadata.ts";
import { viewPath } from "../session-view.ts";
import type { Store } from "../store.ts";
import { changed, openReal } from "./sample.ts";

/** Fills a small disk while committing, frees space again, and prints what happened as one line of JSON. */
const disk = process.argv[2] ?? "";
const reserveBytes = Number(process.argv[3]);
const home = join(disk, "home");
const filler = join(disk, "filler");
const figures = {
  acked: 0,
  refused: 0,
  foreign: 0,
  sawDegraded: false,
  resumed: false,
  lost: 0,
  badFiles: 0,
  leftOver: 0,
};

let number = 0;
function commitOne(store: Store): boolean {
  number += 1;
  const id = `app-${1 + (number % 3)}`;
  const next = changed(changed(store.state, id, { turns: number }), "app-1", { extra: { number: String(number) } });
  const draft = {
    type: "session.working",
    message: `number ${number}`,
    data: { number, pad: "x".repeat(700) },
  } as const;
  try {
    store.commit({ next, events: [{ draft, sessionId: id, projectId: "app" }] });
    figures.acked += 1;
    return true;
  } catch (error) {
    number -= 1;
    figures.refused += 1;
    if (!isAoError(error) || error.code !== "NO_SPACE") figures.foreign += 1;
    return false;
  }
}

const store = openReal(home, { reserveBytes, segmentBytes: 64 << 10, checkpointEvery: 40 });
for (let count = 0; count < 20; count++) commitOne(store);
store.views.flush();
fillUp();
for (let failures = 0; failures < 5; ) {
  if (!commitOne(store)) failures += 1;
  store.views.flush();
  figures.sawDegraded ||= store.isDegraded;
}
const held = store.problems.some(({ kind }) => kind === "disk-full");
unlinkSync(filler);
const resumeBy = performance.now() + 6000;
while (store.isDegraded && performance.now() < resumeBy) await delay(50);
for (let count = 0; count < 20; count++) commitOne(store);
const isOver = !store.problems.some(({ kind }) => kind === "disk-full");
figures.resumed = commitOne(store) && !store.isDegraded && held && isOver;
store.close();

const again = openReal(home, { reserveBytes });
const told = [...again.log.read({ filter: { isPublic: true } })].map(({ data }) => (data as { number: number }).number);
figures.lost = Array.from({ length: number }, (_, index) => index + 1).filter(
  (each, index) => told[index] !== each,
).length;
for (const session of Object.values(again.state.sessions)) {
  const bytes = readSmall(viewPath(home, session));
  if (bytes === null || parseMetadata(bytes).verdict !== "sealed") figures.badFiles += 1;
}
const folders = [home, join(home, "daemon"), join(home, "events"), join(home, "0123456789ab-app", "sessions")];
for (const dir of folders) figures.leftOver += readdirSync(dir).filter((name) => name.startsWith(".tmp-")).length;
const alarms = again.problems
  .filter(({ kind }) => kind !== "log-torn")
  .map(({ kind, message }) => `${kind}: ${message}`);
again.close();
process.stdout.write(`${JSON.stringify({ ...figures, alarms })}\n`);

/** Writes until nothing more fits. */
function fillUp(): void {
  const chunk = Buffer.alloc(1024, 1);
  if (existsSync(filler)) return;
  for (;;) {
    try {
      writeFileSync(filler, chunk, { flag: "a" });
    } catch {
      // Full, which was the aim.
      return;
    }
  }
}
