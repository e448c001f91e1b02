import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Iso } from "@agent-orchestrator/core/model/time";
import type { Ending } from "./server/ending.ts";

/** What the app server reports about the conversation. */
export interface ServerSignal {
  threadId: string;
  /** `idle`, `active`, `systemError`, `notLoaded`. */
  status: string;
  /** `waitingOnApproval`, `waitingOnUserInput`. */
  flags: readonly string[];
  /** When the status became this. */
  at: Iso;
  /** The oldest open request for the user, of the agent or a sub-agent. */
  asked: { dialog: Dialog; at: Iso } | null;
  /** A tool call that has run for a while. */
  tool: { name: string; at: Iso } | null;
  /** A failed call of the model that is being retried. */
  retry: string | null;
  /** How the last turn ended, while none runs. */
  ended: Ending | null;
  /** Working sub-agents. */
  busyChildren: number;
}

/** What the terminal shows. Used only while the app server is silent. */
export interface ScreenSignal {
  state: Activity["state"];
  evidence: string;
  at: Iso;
  dialog: Dialog | null;
}

export interface Signals {
  server: ServerSignal | null;
  screen: ScreenSignal | null;
  /** The connection to the app server is up. */
  isConnected: boolean;
}

/** Weighs both sources into one activity. Null if nothing is known yet. */
export function weigh({ server, screen, isConnected }: Signals): Activity | null {
  if (server !== null && isConnected) return fromServer(server, screen);
  if (screen === null) return null;
  const overruled = server === null ? [] : [asOverruled(server)];
  return { ...fromScreen(screen), ...(overruled.length === 0 ? {} : { overruled }) };
}

/**
 * For a launch with a prompt. An input box that has just appeared gets the prompt at once, so it does not count as idle. One that stays
 * does.
 */
export function atBeginning(screen: ScreenSignal | null, { nowMs, patienceMs }: { nowMs: number; patienceMs: number }) {
  if (screen?.state !== "ready" || nowMs - Date.parse(screen.at) >= patienceMs) return screen;
  return {
    ...screen,
    state: "active" as const,
    evidence: "its input box has appeared, and its first prompt is being entered",
  };
}

function fromServer(server: ServerSignal, screen: ScreenSignal | null): Activity {
  const activity = ofStatus(server);
  const isContradicted = screen !== null && screen.state !== activity.state && screen.state !== "unknown";
  if (!isContradicted || screen.at < activity.since) return activity;
  const { state, evidence, at } = screen;
  return { ...activity, overruled: [{ source: "screen", state, evidence, at }] };
}

function ofStatus(server: ServerSignal): Activity {
  const { asked, status, flags, at, threadId } = server;
  const base = { source: "protocol" as const, thread: threadId };
  if (asked !== null) {
    const question = firstLines(asked.dialog.text);
    return {
      ...base,
      ...{ state: "waiting_input", since: asked.at, question, dialog: asked.dialog },
      evidence: `an open request for ${asked.dialog.kind === "question" ? "an answer" : "approval"}`,
    };
  }
  if (status === "active" && flags.length > 0) {
    const evidence = `the thread is active with ${flags.join(", ")}, and the request itself was not seen`;
    return { ...base, state: "waiting_input", since: at, evidence, question: "Codex asks in its terminal" };
  }
  if (status === "active" || (status === "idle" && server.busyChildren > 0)) return working(server, base);
  if (status !== "idle" && status !== "systemError") {
    return { ...base, state: "unknown", since: at, evidence: `the thread's status is ${status}` };
  }
  return atRest(server, base);
}

type Base = Pick<Activity, "source" | "thread">;

function working(server: ServerSignal, base: Base): Activity {
  const { status, at, tool, retry, busyChildren } = server;
  const evidence =
    status !== "active"
      ? `${busyChildren} of its sub-agents are working`
      : retry === null
        ? "the thread's status is active"
        : `the thread's status is active, after an error: ${retry}`;
  return {
    ...base,
    state: "active",
    since: at,
    evidence,
    ...(tool === null ? {} : { tool: tool.name, toolSince: tool.at }),
  };
}

function atRest({ ended, status, at }: ServerSignal, base: Base): Activity {
  if (ended?.limit) {
    const evidence = `the turn failed: ${ended.error ?? "usage limit"}`;
    return { ...base, state: "limited", since: at, evidence, limit: { resetsAt: ended.limit.resetsAt } };
  }
  const how = ended === null ? `the thread's status is ${status}` : `the last turn ${ended.how}`;
  const evidence = ended?.error ? `${how}: ${ended.error}` : how;
  const failure = ended?.failure ?? null;
  return { ...base, state: "ready", since: at, evidence, ...(failure === null ? {} : { failure }) };
}

function fromScreen({ state, evidence, at, dialog }: ScreenSignal): Activity {
  const base = { source: "screen" as const, state, since: at, evidence };
  return dialog === null ? base : { ...base, question: firstLines(dialog.text), dialog };
}

function asOverruled(server: ServerSignal): NonNullable<Activity["overruled"]>[number] {
  const { state, evidence } = ofStatus(server);
  return { source: "protocol", state, at: server.at, evidence: `${evidence} (before the connection was lost)` };
}

const firstLines = (text: string): string => text.replace(/\s*\n\s*/g, " ").slice(0, 300);
