import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const TLS = join(import.meta.dirname, "fixtures/tls");
const pem = (name: string): string => readFileSync(join(TLS, name), "utf8");

/** Signed the certificates of these servers. */
export const CA_FILE = join(TLS, "ca.pem");

/** For a server of one's own. Its names are localhost and api.example.com. */
export const tlsOf = (name: "server" | "expired") => ({ key: pem("server.key"), cert: pem(`${name}.pem`) });

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Answers one request, or misbehaves. `count` is how many came for this path before. */
export type Behaviour = (request: Seen, response: ServerResponse, count: number) => void | Promise<void>;

export interface FaultyServer {
  origin: string;
  /** All requests so far. */
  seen: Seen[];
  /** What happens at a path. Anything else is 404. */
  on(path: string, behaviour: Behaviour): void;
  /** Requests that are neither answered completely nor given up by the other side. */
  pending(): number;
}

/** A real server on loopback that does what a test tells it to, until the test ends. */
export async function faultyServer(options: { tls?: "server" | "expired"; host?: string } = {}): Promise<FaultyServer> {
  const behaviours = new Map<string, Behaviour>();
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let pending = 0;
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    pending += 1;
    response.once("close", () => {
      pending -= 1;
    });
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const path = url.split("?")[0] ?? "";
      const count = seen.filter((one) => one.url.split("?")[0] === path).length;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      seen.push(asked);
      const behaviour = behaviours.get(path) ?? ((_asked, res) => void res.writeHead(404).end("{}"));
      void behaviour(asked, response, count);
    });
  };
  const { tls, host = "127.0.0.1" } = options;
  const server = tls === undefined ? createServer(answer) : createSecureServer(tlsOf(tls), answer);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined); // The other side may reset it, as many tests intend.
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const { port } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    origin: `${tls === undefined ? "http" : "https"}://${name}:${port}`,
    seen,
    on: (path, behaviour) => void behaviours.set(path, behaviour),
    pending: () => pending,
  };
}

/** Answers with JSON. */
export const json =
  (data: unknown, headers: Record<string, string> = {}, status = 200): Behaviour =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(data));
