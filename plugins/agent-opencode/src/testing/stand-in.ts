import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

/** The far end: as much of OpenCode 1.18's HTTP server as this plugin uses, with a state that a test sets. */
export class StandIn {
  readonly password = "open sesame";
  directory: string;
  sessions: Record<string, unknown>[] = [];
  messages: { info: Record<string, unknown>; parts: Record<string, unknown>[] }[] = [];
  statuses: Record<string, unknown> = {};
  permissions: Record<string, unknown>[] = [];
  questions: Record<string, unknown>[] = [];
  readonly calls: Call[] = [];
  /** What happens to the next prompts: accepted, or the connection breaks before or after that. */
  prompts: ("ok" | "lost before" | "lost after")[] = [];
  /** A path that is answered with 400, as OpenCode does if its own schema does not know what it has. */
  refuses: string | null = null;
  /** Whether a model answers. */
  answers = true;
  /** How often each message was sent. */
  readonly handed: Record<string, number> = {};
  readonly #listeners = new Set<ServerResponse>();
  readonly #server: Server;

  private constructor(directory: string) {
    this.directory = directory;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(directory: string): Promise<StandIn> {
    const standIn = new StandIn(directory);
    await new Promise<void>((resolve) => standIn.#server.listen(0, "127.0.0.1", resolve));
    return standIn;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get hasListener(): boolean {
    return this.#listeners.size > 0;
  }

  said(path: RegExp): Record<string, unknown>[] {
    return this.calls.filter((call) => path.test(`${call.method} ${call.path}`)).map(({ body }) => body);
  }

  tell(type: string, properties: object): void {
    for (const listener of this.#listeners)
      listener.write(`data: ${JSON.stringify({ id: "evt_1", type, properties })}\n\n`);
  }

  /** Breaks the event stream. The next one is served again. */
  breakOff(): void {
    for (const listener of this.#listeners) listener.destroy();
    this.#listeners.clear();
  }

  async stop(): Promise<void> {
    this.breakOff();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = `Basic ${Buffer.from(`opencode:${this.password}`).toString("base64")}`;
    if (request.headers.authorization !== wanted) return void response.writeHead(401).end();
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = text === "" ? {} : JSON.parse(text);
    const path = (request.url ?? "").split("?")[0] ?? "";
    this.calls.push({ method: request.method ?? "", path, body });
    if (path === this.refuses && request.method === "GET") return void response.writeHead(400).end("{}");
    if (path === "/event") return this.#listen(response);
    if (path.endsWith("/prompt_async")) return this.#prompt(response, { path, body });
    const answer = request.method === "GET" ? this.#get(path) : this.#post(path, body);
    if (answer === undefined) return void response.writeHead(404).end("{}");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
    response.write(`data: {"id":"evt_0","type":"server.connected","properties":{}}\n\n`);
  }

  #get(path: string): unknown {
    if (path === "/path") return { directory: this.directory };
    if (path === "/session/status") return this.statuses;
    if (path === "/permission") return this.permissions;
    if (path === "/question") return this.questions;
    if (path === "/session") return this.sessions;
    const [, , id, list, messageId] = path.split("/");
    const session = this.sessions.find((each) => each.id === id);
    if (session === undefined || list === undefined) return session;
    if (list === "children") return this.sessions.filter((each) => each.parentID === id);
    const messages = this.messages.filter(({ info }) => info.sessionID === id);
    return messageId === undefined ? messages : messages.find(({ info }) => info.id === messageId);
  }

  #post(path: string, body: Record<string, unknown>): unknown {
    if (path === "/session") {
      const id = `ses_${this.sessions.length + 1}`;
      this.sessions.push({ id, directory: this.directory, time: { created: 1 }, ...body });
      return this.sessions.at(-1);
    }
    const [, kind, id, verb] = path.split("/");
    const open = kind === "permission" ? this.permissions : kind === "question" ? this.questions : null;
    if (verb === "abort") delete this.statuses[id ?? ""];
    if (open === null) return verb === "abort" || kind === "tui" ? true : undefined;
    const at = open.findIndex((each) => each.id === id);
    if (at < 0) return undefined;
    open.splice(at, 1);
    return true;
  }

  #answer(sessionID: string, parentID: string): void {
    const info = { id: `${parentID}_answer`, sessionID, role: "assistant", parentID, time: { created: Date.now() } };
    this.messages.push({ info, parts: [] });
    this.tell("message.updated", { info });
  }

  /** The same id twice is one message, as in OpenCode. */
  #prompt(response: ServerResponse, { path, body }: { path: string; body: Record<string, unknown> }): void {
    const sessionID = path.split("/")[2] ?? "";
    const how = this.prompts.shift() ?? "ok";
    this.handed[String(body.messageID)] = (this.handed[String(body.messageID)] ?? 0) + 1;
    const info = { id: body.messageID, sessionID, role: "user", time: { created: Date.now() } };
    const parts = (body.parts as Record<string, unknown>[]).map((part) => ({ ...part, sessionID, messageID: info.id }));
    if (how !== "lost before" && !this.messages.some((each) => each.info.id === info.id)) {
      this.messages.push({ info, parts });
      this.tell("message.updated", { info });
      for (const part of parts) this.tell("message.part.updated", { part });
      if (this.answers) this.#answer(sessionID, String(info.id));
    }
    if (how === "ok") response.writeHead(204).end();
    else response.destroy();
  }
}
