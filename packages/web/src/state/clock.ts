import { signal } from "@preact/signals";
import { nowMs, sleep } from "../world.ts";

const EVERY_MS = 5_000;

/** The time that ages are told by. All of them move on together. */
export const now = signal(nowMs());

export async function startClock(): Promise<void> {
  for (;;) {
    await sleep(EVERY_MS);
    if (!document.hidden) now.value = nowMs();
  }
}
