import { existsSync } from "node:fs";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { lookOnChange } from "@agent-orchestrator/plugin-kit/files/look-on-change";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { isLive, listStatusFiles, readStatusFile, type StatusFile, statusPath } from "./status-file.ts";

export interface StatusWatchOptions {
  configDir: string;
  /** The process that the runtime started: Claude Code itself, or a wrapper that started it. Null if the runtime does not say. */
  pid: number | null;
  /** The conversation that we started, which identifies the file of a program behind a wrapper. */
  conversation: string;
  clock: Clock;
  signal: AbortSignal;
  /** Null if there is none, yet or any more. */
  onStatus(status: StatusFile | null): void;
}

export interface StatusWatch {
  poke(): void;
  /** Reads it now. */
  read(): StatusFile | null;
  ended: Promise<void>;
}

/** The system reports changes. This is for those that it loses. */
const POLL_MS = 5_000;
/** The time between two searches for the file of a program behind a wrapper. */
const SEARCH_MS = 5_000;
/** It is written in place, so an incomplete file is complete a moment later. */
const AGAIN_MS = 10;
const TRIES = 5;

/** Follows the live status file of one process. */
export function watchStatus(options: StatusWatchOptions): StatusWatch {
  const { configDir, clock, signal } = options;
  let path = statusPath(configDir, options.pid ?? 0);
  let searchedAt = Number.NEGATIVE_INFINITY;
  const read = (): StatusFile | null => {
    const status = readStatusFile(path);
    return status !== null && isLive(status, lookUp) ? status : null;
  };
  const look = async (): Promise<void> => {
    if (!existsSync(path) && clock.monotonic() - searchedAt > SEARCH_MS) {
      searchedAt = clock.monotonic();
      path = statusPath(configDir, findPid(options) ?? options.pid ?? 0);
    }
    const isThere = existsSync(path);
    // An incomplete file says nothing, so the previous state remains.
    for (let tries = 0; isThere && readStatusFile(path) === null && tries < TRIES; tries++)
      await clock.sleep(AGAIN_MS, signal);
    if (!isThere || readStatusFile(path) !== null) options.onStatus(read());
  };
  const looking = lookOnChange({ path, isFolder: false, clock, signal, pollMs: POLL_MS, gapMs: 5, look });
  return { ...looking, read };
}

function findPid({ configDir, conversation }: StatusWatchOptions): number | null {
  const found = listStatusFiles(configDir).find((each) => each.sessionId === conversation && isLive(each, lookUp));
  return found?.pid ?? null;
}
