import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

interface Call {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
}

/** The far end of the socket: the parts of Codex's app server that the plugin talks to, with one conversation. */
export class StandInServer {
  readonly calls: Call[] = [];
  /** The open requests, which are repeated to every new listener. */
  readonly asked = new Map<number, Call>();
  status: Record<string, unknown> = { type: "idle" };
  /** The newest first. */
  turns: Record<string, unknown>[] = [];
  /** The answer to `turn/start`, or null for none at all. */
  onTurnStart: (() => object | null) | undefined;
  /** Happens after the server has looked, and before it sends its answer. */
  onRead: (() => void) | undefined;
  readonly #thread: Record<string, unknown>;
  readonly #http: Server;
  readonly #clients = new Set<WebSocket>();

  private constructor(thread: Record<string, unknown>) {
    this.#thread = thread;
    this.#http = createServer();
    new WebSocketServer({ server: this.#http }).on("connection", (client) => {
      this.#clients.add(client);
      client.on("message", (bytes) => this.#onMessage(client, JSON.parse(String(bytes))));
    });
  }

  static async listen(socket: string, thread: Record<string, unknown>): Promise<StandInServer> {
    const server = new StandInServer(thread);
    server.#http.listen(socket);
    await once(server.#http, "listening");
    return server;
  }

  tell(method: string, params: Record<string, unknown>): void {
    this.#send({ method, params: { threadId: this.#thread.id, ...params } });
  }

  setStatus(status: Record<string, unknown>): void {
    this.status = status;
    this.tell("thread/status/changed", { status });
  }

  ask(id: number, method: string, params: Record<string, unknown>): void {
    const request = { id, method, params: { threadId: this.#thread.id, ...params } };
    this.asked.set(id, request);
    this.setStatus({ type: "active", activeFlags: ["waitingOnApproval"] });
    this.#send(request);
  }

  callsOf(method: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params ?? {});
  }

  answers(): unknown[] {
    return this.calls.filter(({ method }) => method === undefined).map(({ result }) => result);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    this.#http.close();
    await once(this.#http, "close");
  }

  #send(message: object): void {
    for (const client of this.#clients) client.send(JSON.stringify(message));
  }

  #onMessage(client: WebSocket, call: Call): void {
    this.calls.push(call);
    if (call.method === undefined) this.#onAnswer(call);
    else if (call.id !== undefined) this.#answer(client, call.id, call.method);
  }

  #onAnswer({ id }: Call): void {
    if (id === undefined || !this.asked.delete(id)) return;
    this.tell("serverRequest/resolved", { requestId: id });
    this.setStatus({ type: "active", activeFlags: [] });
  }

  #answer(client: WebSocket, id: number, method: string): void {
    const thread = { ...this.#thread, status: this.status };
    const results: Record<string, () => object | null> = {
      "thread/loaded/list": () => ({ result: { data: [this.#thread.id] } }),
      "thread/read": () => ({ result: { thread } }),
      "thread/resume": () => ({ result: { thread, model: "m" } }),
      "thread/turns/list": () => ({ result: { data: this.turns } }),
      "turn/start": this.onTurnStart ?? (() => ({ result: {} })),
    };
    if (method === "thread/read") this.onRead?.();
    const answer = (results[method] ?? (() => ({ result: {} })))();
    if (answer !== null) client.send(JSON.stringify({ id, ...answer }));
    if (method === "thread/resume") for (const request of this.asked.values()) client.send(JSON.stringify(request));
  }
}
