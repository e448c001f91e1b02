import { chmodSync, lstatSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { dirname } from "node:path";
import { ensureDir, isThere } from "@agent-orchestrator/core/host/files";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { App } from "../app.ts";

const EVERY_MS = 1_000;

interface Own {
  path: string;
  /** `daemon.json`, which leads to the socket. */
  infoPath: string;
  writeInfo(): void;
  /** Writes the user's token again if its file does not have it. */
  keepToken(): void;
  app: Pick<App, "world">;
}

/**
 * Listens on the daemon's own socket, for as long as the daemon runs: a socket that was removed or replaced is bound again
 * within a second, and `daemon.json` and the user's token are written again. Connections that exist stay open. Whatever is
 * at the path may go, because this process holds the lock.
 */
export async function keepListening(server: Server, own: Own): Promise<{ stop(): void }> {
  const stopping = new AbortController();
  let bound = await bind(server, own.path);
  own.writeInfo();
  let lastTrouble = "";
  const { log, clock } = own.app.world;
  const watch = async () => {
    for (;;) {
      await clock.sleep(EVERY_MS, stopping.signal);
      try {
        if (!isThere(own.infoPath)) own.writeInfo();
        own.keepToken();
        if (idOf(own.path) === bound) continue;
        bound = await bind(server, own.path);
        own.writeInfo();
        log.warn(`the socket ${own.path} had been removed or replaced, and was made again`);
        lastTrouble = "";
      } catch (error) {
        const { message } = toAoError(error);
        if (message !== lastTrouble) log.warn(`the socket ${own.path} cannot be made again: ${message}`);
        lastTrouble = message;
      }
    }
  };
  void watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) log.warn(`the watch over the socket ended: ${String(error)}`);
  });
  return { stop: () => stopping.abort() };
}

/** Which file it is, or null if there is none. */
function idOf(path: string): string | null {
  try {
    const { dev, ino, birthtimeMs } = lstatSync(path);
    return `${dev}:${ino}:${birthtimeMs}`;
  } catch {
    return null; // it is missing, or its folder cannot be read: binding it again reports why
  }
}

/** Closing first: libuv removes what is at the path of a socket that it closes. */
async function bind(server: Server, path: string): Promise<string | null> {
  if (server.listening) server.close();
  ensureDir(dirname(path));
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    server.once("error", failed);
    server.listen(path, () => {
      server.off("error", failed);
      chmodSync(path, 0o600);
      resolve();
    });
  });
  return idOf(path);
}
