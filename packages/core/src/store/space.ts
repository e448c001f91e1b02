import type { Clock } from "../host/clock.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import type { Layout } from "./layout.ts";
import { type Problem, problem, type Report } from "./problem.ts";
import { openReserve, RESERVE_BYTES } from "./reserve.ts";

const RETRY_MS = 1000;

export interface SpaceGuard {
  /** The reserve is in use, or could not be created again yet. */
  readonly isDegraded: boolean;
  /** The first write of a run. On a full disk it gets the reserve at once. */
  begin(write: () => void): void;
  /** Runs a write. If the disk is full, releases the reserve and throws the error to the caller. */
  guard<T>(write: () => T): T;
  close(): void;
}

interface SpaceOptions {
  fs: Fs;
  layout: Layout;
  clock: Clock;
  report: Report;
  /** Withdraws a problem that is over. */
  settle: (kind: Problem["kind"]) => void;
  reserveBytes?: number;
}

/** Knows whether the disk is full, and checks by itself whether there is space again. */
export function createSpaceGuard(options: SpaceOptions, note: (isDegraded: boolean) => void): SpaceGuard {
  const reserve = openReserve(options.fs, options.layout.reserve, options.reserveBytes ?? RESERVE_BYTES);
  const closing = new AbortController();
  let isDegraded = false;

  const set = (value: boolean): void => {
    isDegraded = value;
    if (!value) options.settle("disk-full");
    try {
      note(value);
    } catch (error) {
      // Already full again, which the next write finds out. Don't hide any other error.
      if (!isAoError(error)) throw error;
    }
  };

  const awaitRoom = async (): Promise<void> => {
    while (isDegraded) {
      try {
        await options.clock.sleep(RETRY_MS, closing.signal);
      } catch {
        // Closed in the meantime.
        return;
      }
      if (isDegraded && reserve.restore()) set(false);
    }
  };

  const degrade = (): void => {
    reserve.release();
    if (isDegraded) return;
    const hint = "the disk is full; ao continues by itself once there is space";
    options.report(problem("disk-full", hint, { path: options.layout.home }));
    set(true);
    void awaitRoom();
  };

  const guard = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      if (isAoError(error) && error.code === "NO_SPACE") degrade();
      throw error;
    }
  };

  return {
    get isDegraded() {
      return isDegraded;
    },
    begin(write) {
      const hadReserve = reserve.isHeld;
      try {
        guard(write);
      } catch (error) {
        if (!isDegraded || !hadReserve) throw error;
        write();
      }
      if (!isDegraded && !reserve.restore()) degrade();
    },
    guard,
    close: () => closing.abort(),
  };
}
