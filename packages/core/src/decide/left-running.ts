import type { Interrupt } from "../model/action.ts";
import type { Activity } from "../model/activity.ts";
import type { LeftProcess } from "../model/left-running.ts";
import type { SessionRecord } from "../model/session.ts";
import { oneLine } from "../model/text.ts";
import { at, type Iso, toIso } from "../model/time.ts";
import { type Draft, patch } from "./draft.ts";
import { isAlive } from "./facts-of.ts";

const MAX_COMMAND = 80;
const MAX_NAMED = 3;
/** A tool call that runs for longer than this is told by its agent, as far as the agent tells of tool calls. */
const UNTOLD_MS = 10_000;
/** What an agent starts for itself (servers of its tools, helpers) is there by then. */
const OWN_START_MS = 3_000;

const isResting = (state: Activity["state"]): boolean => state === "ready" || state === "idle";

/** The turn of an activity that named a running tool call is over: what that call started may run on. */
export function noteCutTool(draft: Draft, before: Activity | null): void {
  const { activity, cutTool } = draft.record;
  const { last: launch } = draft.record.launch;
  if (before?.state !== "active" || before.tool === undefined || activity === null) return;
  if (!isResting(activity.state)) return;
  // Without the time of the call, at least not what the program started for itself.
  const own = launch?.startedAt ? at(launch.startedAt) + OWN_START_MS : 0;
  const began = before.toolSince ?? toIso(Math.max(at(before.since), own));
  if (!cutTool) patch(draft, { cutTool: { beganAt: began, endedAt: activity.since } });
}

/** A look at the processes. Nothing that runs on is nothing to tell. */
export function applyLeftRunning(draft: Draft, processes: LeftProcess[], when: Iso): void {
  const known = draft.record.leftRunning;
  if (draft.record.cutTool) patch(draft, { cutTool: null });
  if (processes.length === 0) {
    if (known) patch(draft, { leftRunning: null });
    return;
  }
  const isSame = known?.processes.map(nameOf).join() === processes.map(nameOf).join();
  if (!isSame) patch(draft, { leftRunning: { processes, since: known?.since ?? when } });
}

const nameOf = ({ pid, startId }: LeftProcess): string => `${pid} ${startId}`;

export function forgetLeftRunning(draft: Draft): void {
  if (draft.record.cutTool) patch(draft, { cutTool: null });
  if (draft.record.leftRunning) patch(draft, { leftRunning: null });
}

/** The processes that its last tool call left running. Empty where none is known. */
export const leftRunning = (record: SessionRecord): readonly LeftProcess[] =>
  isAlive(record) ? (record.leftRunning?.processes ?? []) : [];

/** Without the shells and sandboxes around them. */
export function namedOf(processes: readonly LeftProcess[]): LeftProcess[] {
  const parents = new Set(processes.map(({ parent }) => parent));
  return processes.filter(({ pid }) => !parents.has(pid));
}

/** `its tool still runs: sleep 600 (pid 1234)`. Null: nothing does. */
export function describeLeftRunning(record: SessionRecord): string | null {
  const left = namedOf(leftRunning(record));
  if (left.length === 0) return null;
  const named = left
    .slice(0, MAX_NAMED)
    .map(({ command, pid }) => `${oneLine(command, MAX_COMMAND)} (pid ${pid})`)
    .join(", ");
  return `its tool still runs: ${named}${left.length > MAX_NAMED ? ` and ${left.length - MAX_NAMED} more` : ""}`;
}

/** What a process must not be older than to belong to the tool call that an interrupt at this moment cuts. Null: no turn runs. */
export function toolBegan(record: SessionRecord, nowMs: number): Iso | null {
  const { activity, turnStartedAt } = record;
  const { last: launch } = record.launch;
  const own = launch?.startedAt ? at(launch.startedAt) + OWN_START_MS : 0;
  if (activity?.state === "active" && activity.tool !== undefined)
    return activity.toolSince ?? toIso(Math.max(at(activity.since), own));
  if (turnStartedAt === null) return null;
  return toIso(Math.max(at(turnStartedAt), own, nowMs - UNTOLD_MS));
}

/** An interrupt of what runs now, with what to look at afterwards. */
export function interruption(record: SessionRecord, nowMs: number): Pick<Interrupt, "kind" | "began" | "left"> {
  const hasTurn = !(record.activity !== null && isResting(record.activity.state) && record.turnStartedAt === null);
  const left = leftRunning(record);
  return {
    kind: "interrupt",
    began: hasTurn ? (toolBegan(record, nowMs) ?? toIso(nowMs)) : null,
    ...(left.length === 0 ? {} : { left }),
  };
}

/** A tool call was cut, or something of it ran on at the last look. */
export const wantsLeftRunning = (record: SessionRecord): boolean =>
  isAlive(record) && (Boolean(record.cutTool) || leftRunning(record).length > 0);
