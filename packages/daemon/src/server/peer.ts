import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { type ProcessRef, startIdOf } from "@agent-orchestrator/plugin-kit/process";

/** The process at the other end of a connection, as the kernel recorded it when the connection was made. */
export interface Peer extends ProcessRef {
  uid: number;
}

/** fd, level, name, value, its length. */
type GetSockOpt = (...of: [number, number, number, Buffer, number[]]) => number;

/** `SO_PEERCRED` (unix(7)): pid, uid and gid. */
const LINUX = { level: 1, name: 17, bytes: 12 };
/** `LOCAL_PEERPID` of sys/un.h. */
const MACOS = { level: 0, name: 2, bytes: 4 };

let native: GetSockOpt | null | undefined;

/**
 * Loaded when first needed, from the package of this machine's binary. koffi itself has a script that may compile when it is installed.
 * Null if there is no build for this machine.
 */
function getSockOpt(): GetSockOpt | null {
  if (native !== undefined) return native;
  try {
    const name = `@koromix/koffi-${process.platform}-${process.arch}`;
    const koffi = createRequire(import.meta.url)(name) as typeof import("koffi");
    const types = "int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)";
    native = koffi.load(null).func(types) as unknown as GetSockOpt;
  } catch {
    native = null; // `ao doctor` says so.
  }
  return native;
}

/** Whether the kernel can be asked here. */
export const canAskKernel = (): boolean =>
  (process.platform === "linux" || process.platform === "darwin") && getSockOpt() !== null;

/** Call it as soon as the connection is made. Null if the process has ended, or if the kernel cannot be asked. */
export function peerOf(socket: Socket): Peer | null {
  const { fd } = (socket as unknown as { _handle?: { fd?: number } })._handle ?? {};
  const ask = canAskKernel() ? getSockOpt() : null;
  if (ask === null || fd === undefined || fd < 0) return null;
  const { level, name, bytes } = process.platform === "darwin" ? MACOS : LINUX;
  const value = Buffer.alloc(bytes);
  if (ask(fd, level, name, value, [bytes]) !== 0) return null;
  const pid = value.readInt32LE(0);
  const startId = pid > 0 ? startIdOf(pid) : null;
  if (startId === null) return null;
  return { pid, startId, uid: bytes > 4 ? value.readInt32LE(4) : (process.getuid?.() ?? 0) };
}
