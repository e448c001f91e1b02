import type { Transport } from "./client.ts";

/** As much of a browser's `WebSocket` as is used. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: () => void): void;
}

/** A message to the daemon: a request, or the end of one. `body` is that of the unix socket. */
export type SocketRequest = { id: number; name: string; body: unknown } | { id: number; cancel: true };

/** A frame to the client is the one of the unix socket, with the number of its request as its first member. */
const FRAME = /^\{"id":(\d+),/;

export interface SocketTransport {
  transport: Transport;
  close(): void;
}

/**
 * The daemon's API over one WebSocket for all requests. `open` resolves with an open one; it is called for the first request, and
 * again for the first after it was lost. A lost socket ends the lines of all its requests, as a lost connection does.
 */
export function webSocketTransport(open: () => Promise<SocketLike>): SocketTransport {
  let current: Promise<Wire> | null = null;
  let count = 0;
  const wireOf = (): Promise<Wire> => {
    current ??= open().then(
      (socket) => wireOn(socket, () => (current = null)),
      (error: unknown) => {
        current = null;
        throw error;
      },
    );
    return current;
  };
  return {
    async *transport({ name, body, signal }) {
      signal?.throwIfAborted();
      const { socket, streams } = await wireOf();
      const id = ++count;
      const stream = lineStream();
      const abort = () => stream.fail(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      streams.set(id, stream);
      socket.send(`{"id":${id},"name":${JSON.stringify(name)},"body":${body}}`);
      try {
        yield* stream.lines;
      } finally {
        signal?.removeEventListener("abort", abort);
        // Still there: nobody wants the rest.
        if (streams.delete(id)) socket.send(JSON.stringify({ id, cancel: true }));
      }
    },
    close: () => void current?.then(({ socket }) => socket.close()),
  };
}

interface Wire {
  socket: SocketLike;
  streams: Map<number, LineStream>;
}

function wireOn(socket: SocketLike, lost: () => void): Wire {
  const streams = new Map<number, LineStream>();
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    const id = Number(FRAME.exec(text)?.[1]);
    streams.get(id)?.push(text);
  });
  socket.addEventListener("close", () => {
    lost();
    for (const stream of streams.values()) stream.end();
    streams.clear();
  });
  return { socket, streams };
}

interface LineStream {
  lines: AsyncIterable<string>;
  push(line: string): void;
  end(): void;
  fail(reason: unknown): void;
}

function lineStream(): LineStream {
  const ready: string[] = [];
  let state: { kind: "open" } | { kind: "ended" } | { kind: "failed"; reason: unknown } = { kind: "open" };
  let wake: () => void = () => undefined;
  const settle = (next: typeof state) => {
    state = next;
    wake();
  };
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      while (ready.length > 0) yield ready.shift() as string;
      if (state.kind === "failed") throw state.reason;
      if (state.kind === "ended") return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    lines: lines(),
    push(line) {
      ready.push(line);
      wake();
    },
    end: () => settle({ kind: "ended" }),
    fail: (reason) => settle({ kind: "failed", reason }),
  };
}
