import { clientOf, type Outcome, type RequestTypes } from "@agent-orchestrator/core/protocol/client";
import { type SocketLike, webSocketTransport } from "@agent-orchestrator/core/protocol/web-socket";
import { WebSocket } from "ws";

/** A browser without a page: it opens the link of `ao dashboard`, and does what the page does. */
export class DoorClient {
  readonly base: string;
  readonly token: string;

  private constructor(base: string, token: string) {
    this.base = base;
    this.token = token;
  }

  static async enter(link: string): Promise<DoorClient> {
    const { origin, hash } = new URL(link);
    const { status, body } = await post(`${origin}/api/login`, { code: hash.replace("#code=", "") });
    if (status !== 200) throw new Error(`the link was refused: ${status} ${JSON.stringify(body)}`);
    return new DoorClient(origin, String(body.token));
  }

  post(path: string, body: object = {}): ReturnType<typeof post> {
    return post(`${this.base}${path}`, body, { authorization: `Bearer ${this.token}` });
  }

  /** The address of a WebSocket, with a ticket of its own. */
  async address(path: string): Promise<string> {
    const { status, body } = await this.post("/api/ticket");
    if (status !== 200) throw new Error(`no ticket: ${status}`);
    const address = new URL(path, this.base.replace("http", "ws"));
    address.searchParams.set("ticket", String(body.ticket));
    return address.href;
  }

  async socket(path: string): Promise<WebSocket> {
    const socket = new WebSocket(await this.address(path), { origin: this.base });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  }

  /** The typed client of the API `A` over one WebSocket, as in the page. */
  api<A extends Record<keyof A, RequestTypes>>() {
    const { transport, close } = webSocketTransport(async () => like(await this.socket("/api/ws")));
    const caller = { cwd: "", pid: 0, build: "test" };
    const call = clientOf<A>();
    const ask = <N extends keyof A & string>(
      name: N,
      params: A[N]["params"],
      more: Parameters<typeof call<N>>[2] & { wishId?: string } = {},
    ): Promise<Outcome<A[N]>> => {
      const { wishId, ...hooks } = more;
      const who = wishId === undefined ? caller : { ...caller, wishId };
      return call<N>({ transport, caller: who }, { name, params }, hooks);
    };
    return { ask, close };
  }
}

const like = (socket: WebSocket): SocketLike => ({
  send: (text) => socket.send(text),
  close: () => socket.close(),
  addEventListener: (type: "message" | "close", listener: (event: { data: unknown }) => void) => {
    if (type === "message") socket.on("message", (data) => listener({ data: String(data) }));
    else socket.on("close", () => listener({ data: null }));
  },
});

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A viewer of a terminal that keeps what it sees. */
export interface TerminalClient {
  socket: WebSocket;
  /** Everything since the last picture. */
  text(): string;
  messages: Record<string, unknown>[];
  /** Bytes that came in all. */
  received(): number;
  type(data: string): void;
  /** The close code, once it is closed. */
  closed: Promise<number>;
}

/** `confirms: false`: it reads, but never says so. */
export async function openTerminal(
  client: DoorClient,
  session: string,
  { write = false, confirms = true }: { write?: boolean; confirms?: boolean } = {},
): Promise<TerminalClient> {
  const path = `/api/terminal?session=${encodeURIComponent(session)}&write=${write ? 1 : 0}`;
  const socket = new WebSocket(await client.address(path), { origin: client.base });
  const messages: Record<string, unknown>[] = [];
  let pieces: Buffer[] = [];
  let received = 0;
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) {
      const message = JSON.parse(String(data));
      messages.push(message);
      if (message.type === "screen") pieces = [];
      return;
    }
    pieces.push(data);
    received += data.length;
    if (confirms) socket.send(JSON.stringify({ type: "ack", bytes: data.length }));
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    ...{ socket, messages, closed },
    text: () => Buffer.concat(pieces).toString(),
    received: () => received,
    type: (data) => socket.send(JSON.stringify({ type: "input", data })),
  };
}
