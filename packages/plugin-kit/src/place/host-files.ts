import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { atomicReplace, ensureDir, readSmall } from "@agent-orchestrator/core/host/files";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Place } from "@agent-orchestrator/core/slots/place";
import { lookOnChange } from "../files/look-on-change.ts";
import { isErrno } from "../files/read-small.ts";
import { signalProcess } from "../process.ts";

const POLL_MS = 2_000;
const PIECE_BYTES = 256 * 1024;

/** The verbs of a place whose files and processes are this machine's. */
export function hostFiles(clock: Clock): Pick<Place, "readFile" | "writeFile" | "followFile" | "signal"> {
  return {
    readFile: async (path) => readSmall(path),
    async writeFile(path, bytes, { mode = 0o600 } = {}) {
      ensureDir(dirname(path));
      atomicReplace(path, bytes, { mode });
    },
    async followFile(path, onBytes, { from, signal }) {
      let offset = from;
      await lookOnChange({
        path,
        isFolder: false,
        clock,
        signal,
        pollMs: POLL_MS,
        gapMs: 0,
        async look() {
          offset = await tellNew(path, offset, onBytes);
        },
      }).ended;
    },
    signal: async (process, signal) => signalProcess(process, signal as NodeJS.Signals),
  };
}

/** Returns where the next look begins. */
async function tellNew(
  path: string,
  from: number,
  onBytes: (bytes: Uint8Array, offset: number) => void,
): Promise<number> {
  try {
    const { size } = await stat(path);
    let offset = size < from ? 0 : from;
    if (offset === size) return offset;
    const file = await open(path, "r");
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, offset);
        if (bytesRead === 0) return offset;
        onBytes(Buffer.from(piece.subarray(0, bytesRead)), offset);
        offset += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, "ENOENT")) return 0;
    throw error;
  }
}
