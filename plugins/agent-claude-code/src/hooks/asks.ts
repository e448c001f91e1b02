import { closeSync, constants, existsSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isErrno } from "@agent-orchestrator/plugin-kit/files/read-small";
import { z } from "zod";
import type { Ask, Signals } from "../signals.ts";
import type { HookEvent } from "./events.ts";

/** A hook opens its pipe just after it has reported its question. */
const OPEN_TRIES = 20;
const OPEN_PAUSE_MS = 25;
/** What a pipe accepts in one write. More would arrive in pieces, and a reader that ends in between would get half. */
const MAX_ANSWER_BYTES = 60_000;

/** Passes an answer to the hook that waits for it. False if it no longer waits, or never did. */
export async function answerAsk(ask: { dir: string; pid: number }, answer: unknown, clock: Clock): Promise<boolean> {
  const line = `${JSON.stringify(answer)}\n`;
  if (Buffer.byteLength(line) > MAX_ANSWER_BYTES) return false;
  for (let tries = 0; tries < OPEN_TRIES; tries++) {
    const outcome = writeInto(join(ask.dir, String(ask.pid)), line);
    if (outcome !== "no reader") return outcome === "written";
    await clock.sleep(OPEN_PAUSE_MS);
  }
  return false;
}

/** Releases a hook whose dialog was settled in another way. It says nothing and ends. */
function releaseAsk(dir: string, pid: number): void {
  const path = join(dir, String(pid));
  if (writeInto(path, "\n") !== "written") rmSync(path, { force: true });
}

/** From earlier launches. Whatever waits there waits for nothing. */
export function releaseAll(dir: string): void {
  for (const pid of openAsks(dir)) releaseAsk(dir, pid);
}

function openAsks(dir: string): number[] {
  try {
    return readdirSync(dir)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // No launch has created it yet.
  }
}

/** Never waits, because a pipe without a reader cannot be opened for writing. */
function writeInto(path: string, line: string): "written" | "no reader" | "gone" {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, "ENXIO")) return "no reader";
    return "gone";
  }
  try {
    writeSync(fd, line);
    return "written";
  } catch {
    return "gone"; // Its reader has just ended.
  } finally {
    closeSync(fd);
  }
}

const Kept = z.looseObject({
  pid: z.number(),
  atMs: z.number(),
  tool: z.string(),
  input: z.unknown().optional(),
  agent: z.string().nullable().catch(null),
  suggestions: z.array(z.unknown()),
});

const keptAsk = (path: string) => keptFile<Omit<Ask, "input"> & { input?: unknown }>(path, Kept, { isDurable: false });

/** Requests that wait at their pipes, stored next to them, so that a restarted daemon finds the dialog that is still open. */
export interface AskBook {
  /** Oldest first. */
  open(): Ask[];
  add(event: HookEvent): Ask;
  /** It was answered, here or in the terminal, so its hook may end. */
  settle(ask: Ask): void;
}

export function askBook(dir: string): AskBook {
  let asks = load(dir);
  const noteOf = (pid: number) => keptAsk(join(dir, `${pid}.json`));
  return {
    open: () => asks,
    add({ pid, at, payload }) {
      const { tool_name: tool = "a tool", tool_input: input, permission_suggestions: suggestions = [] } = payload;
      const ask: Ask = { pid, atMs: Date.parse(at), tool, input, agent: payload.agent_id ?? null, suggestions };
      noteOf(pid).write(ask);
      asks = [...asks.filter((each) => each.pid !== pid), ask].sort((a, b) => a.atMs - b.atMs);
      return ask;
    },
    settle(ask) {
      asks = asks.filter((each) => each !== ask);
      releaseAsk(dir, ask.pid);
      rmSync(join(dir, `${ask.pid}.json`), { force: true });
    },
  };
}

function load(dir: string): Ask[] {
  const waiting = new Set(openAsks(dir));
  const asks: Ask[] = [];
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    if (!name.endsWith(".json")) continue;
    const kept = keptAsk(join(dir, name)).read();
    if (kept !== null && waiting.has(kept.pid)) asks.push({ ...kept, input: kept.input });
    else rmSync(join(dir, name), { force: true });
  }
  return asks.sort((a, b) => a.atMs - b.atMs);
}

type Seen = Pick<Signals, "status" | "transcript" | "waitedMs">;

/**
 * Asked by a background subagent. It is not drawn anywhere, and the program continues without waiting (2.1.197, 2.1.332). Only its
 * hook shows when it is over.
 */
export const isAside = (ask: Ask, { status, waitedMs }: Seen): boolean =>
  ask.agent !== null && status !== null && status.state !== "waiting" && (waitedMs ?? 0) < ask.atMs;

/** Whether the program continued after it asked this, which means that it was answered in the terminal. */
export function isSettled(ask: Ask, seen: Seen): boolean {
  const { status, transcript } = seen;
  if (isAside(ask, seen)) return false;
  if (status === null) return (Date.parse(transcript.movedAt ?? "") || 0) > ask.atMs;
  return status.state !== "waiting" && status.sinceMs > ask.atMs;
}
