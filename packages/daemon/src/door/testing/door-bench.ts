import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { WebSocketServer } from "ws";
import { closeNow, listenNear } from "../listen.ts";
import { createPageFiles } from "../page-files.ts";
import { createPasses } from "../passes.ts";
import type { DoorDeps, Opening } from "../server.ts";

export const PAGE = "<!doctype html><title>ao</title>";
export const SCRIPT = "/assets/app-1234abcd.js";

/** A door with a small app behind it, and sockets that only open. */
export async function doorBench({ clock = systemClock }: { clock?: Clock } = {}) {
  const dir = makeTempDir("ao-door");
  const web = join(dir, "web");
  mkdirSync(join(web, "assets"), { recursive: true });
  writeFileSync(join(web, "index.html"), PAGE);
  writeFileSync(join(web, SCRIPT), "export {};\n");
  writeFileSync(join(web, `${SCRIPT}.br`), "brotli");
  writeFileSync(join(dir, "secret.js"), "not for the page");
  const daemon = join(dir, "daemon");
  ensureDir(daemon);
  const passes = createPasses({ clock, layout: { daemon } });
  const server = new WebSocketServer({ noServer: true });
  const opened: Opening[] = [];
  const problems: unknown[] = [];
  const deps: DoorDeps = {
    passes,
    files: createPageFiles(() => web),
    openSocket: (opening) => {
      opened.push(opening);
      server.handleUpgrade(opening.request, opening.socket, opening.head, (socket) => socket.close());
    },
    report: (error) => problems.push(error),
  };
  const { port, servers } = await listenNear(await freePort(), deps);
  const token = passes.login(passes.newCode()) ?? "";
  return {
    ...{ port, passes, token, opened, problems, daemon, web },
    close: () => {
      for (const each of servers) closeNow(each);
      removeDir(dir);
    },
  };
}

export type DoorBench = Awaited<ReturnType<typeof doorBench>>;
