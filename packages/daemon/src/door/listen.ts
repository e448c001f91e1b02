import type { Server } from "node:http";
import type { DoorDeps } from "./server.ts";
import { createDoorServer } from "./server.ts";

/** How many ports after the wanted one are tried. */
const TRIES = 50;

/** The loopback interfaces, and no other. */
const ADDRESSES = ["127.0.0.1", "::1"] as const;

export interface Listening {
  port: number;
  servers: Server[];
}

/** Listens on the wanted port, or on the next one that is free on both interfaces: `localhost` may mean either. */
export async function listenNear(wanted: number, deps: DoorDeps): Promise<Listening> {
  let last: unknown;
  for (let port = wanted; port < wanted + TRIES && port <= 65_535; port += 1) {
    try {
      return { port, servers: await listenOn(port, deps) };
    } catch (error) {
      last = error;
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    }
  }
  throw last;
}

async function listenOn(port: number, deps: DoorDeps): Promise<Server[]> {
  const servers: Server[] = [];
  try {
    for (const address of ADDRESSES) {
      const server = createDoorServer(deps);
      try {
        await listening(server, { port, host: address });
        servers.push(server);
      } catch (error) {
        if (!isWithoutV6(error, address)) throw error;
      }
    }
    return servers;
  } catch (error) {
    for (const server of servers) closeNow(server);
    throw error;
  }
}

/** A machine without IPv6 has one interface less. */
const isWithoutV6 = (error: unknown, address: string): boolean =>
  address === "::1" && ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes((error as NodeJS.ErrnoException).code ?? "");

function listening(server: Server, at: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...at, ipv6Only: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export function closeNow(server: Server): void {
  server.close();
  server.closeAllConnections();
}
