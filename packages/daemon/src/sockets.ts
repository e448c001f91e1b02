import { join } from "node:path";
import type { Layout } from "@agent-orchestrator/core/store/layout";
import { socketDirOf } from "@agent-orchestrator/core/store/socket-dir";

/** The folder for sockets and the daemon's own one in it. */
export function prepareSockets(layout: Layout, env: Record<string, string>): { dir: string; path: string } {
  const dir = socketDirOf(layout, env);
  return { dir, path: join(dir, "ao.sock") };
}
