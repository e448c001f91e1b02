import { z } from "zod";
import { atomicReplace, readText } from "../host/files.ts";
import { type Fs, realFs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import type { Layout } from "./layout.ts";

/** `daemon.json` says who has the lock, for people and scripts. Only the lock itself decides anything. */
export const DaemonInfo = z.looseObject({
  pid: z.number().int(),
  /** Distinguishes a process from a later one with the same pid. */
  startId: z.string().nullable().optional(),
  version: z.string().optional(),
  startedAt: z.string().optional(),
  epoch: z.number().int().optional(),
  socket: z.string().optional(),
  socketDir: z.string().optional(),
  port: z.number().int().nullable().optional(),
});
export type DaemonInfo = z.infer<typeof DaemonInfo>;

export function writeDaemonInfo(layout: Layout, daemon: DaemonInfo, fs: Fs = realFs): void {
  atomicReplace(layout.daemonInfo, `${JSON.stringify(daemon, null, 2)}\n`, { fs });
}

/** Null if there is none, or none that can be read. It is only informative. */
export function readDaemonInfo(layout: Layout, fs: Fs = realFs): DaemonInfo | null {
  try {
    const parsed = DaemonInfo.safeParse(JSON.parse(readText(layout.daemonInfo, { fs, maxBytes: 65_536 }) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (isAoError(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}
