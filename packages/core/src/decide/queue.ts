import type { EventDraft } from "../model/event.ts";
import type { State } from "../model/state.ts";
export function admit(
  state: State,
  limits: { maxConcurrent: number },
): { start: string[]; waiting: { id: string; reason: string }[] } {
  const all = Object.values(state.sessions);
  let running = all.filter((r) => r.phase === "starting" || r.phase === "running").length;
  const start: string[] = [];
  const waiting: { id: string; reason: string }[] = [];
  for (const r of all.filter((x) => x.phase === "queued")) {
    if (running < limits.maxConcurrent) {
      start.push(r.id);
      running += 1;
    } else waiting.push({ id: r.id, reason: `${running} of ${limits.maxConcurrent} agents are at work` });
  }
  return { start, waiting };
}
export function allComplete(_state: State): EventDraft | null {
  return null;
}
