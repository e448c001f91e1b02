import { z } from "zod";
import { atomicReplace, readText } from "../host/files.ts";
import { type Fs, realFs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import { Iso } from "../model/time.ts";
import type { Layout } from "./layout.ts";

/** When the user last did something through `ao`, and which sessions were merged since. Nothing depends on it but a hint. */
export const LastSeen = z.looseObject({ at: Iso, merged: z.array(z.string()) });
export type LastSeen = z.infer<typeof LastSeen>;

export function writeLastSeen({ lastSeen: path }: Pick<Layout, "lastSeen">, seen: LastSeen, fs: Fs = realFs): void {
  atomicReplace(path, `${JSON.stringify(seen)}\n`, { fs, isDurable: false });
}

/** Null if there is none, or none that can be read. */
export function readLastSeen({ lastSeen: path }: Pick<Layout, "lastSeen">, fs: Fs = realFs): LastSeen | null {
  try {
    const parsed = LastSeen.safeParse(JSON.parse(readText(path, { fs, maxBytes: 65_536 }) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (isAoError(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}
