import { ensureSocketDir, socketPath } from "@agent-orchestrator/core/store/sockets";

/** The folder for sockets, created and checked, and the daemon's own socket in it. */
export function prepareSockets(home: string, env: Record<string, string>): { dir: string; path: string } {
  const dir = ensureSocketDir({ home, env });
  return { dir, path: socketPath(dir, "ao.sock") };
}
