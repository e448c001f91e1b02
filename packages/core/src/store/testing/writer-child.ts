import { writeSync } from "node:fs";
import { systemClock } from "../../host/clock.ts";
import { newId } from "../../host/ids.ts";
import { openStore } from "../store.ts";
import { changed } from "./sample.ts";

/** Commits as long as it lives, and prints each number only once it is durable and in its file. */
const home = process.argv[2] ?? "";
const store = openStore({ home, clock: systemClock, ids: newId, segmentBytes: 32 << 10, checkpointEvery: 50 });
for (let number = Number(store.state.sessions["app-1"]?.extra.number ?? 0) + 1; ; number++) {
  const id = `app-${1 + (number % 3)}`;
  const next = changed(changed(store.state, id, { turns: number }), "app-1", { extra: { number: String(number) } });
  const draft = { type: "session.working", message: `number ${number}`, data: { number } } as const;
  store.commit({ next, events: [{ draft, sessionId: id, projectId: "app" }] });
  store.views.flush();
  writeSync(1, `${number}\n`);
}
