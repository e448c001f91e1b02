import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type ChatCompletionRequest, type FixtureResponse, LLMock } from "@copilotkit/aimock";
import type { ModelMessage } from "./conversation.ts";
import { type Identity, identityOf, protocolOf } from "./identity.ts";
import { Truth } from "./truth.ts";
import { planTurn, type Turn } from "./turn.ts";
import { withCacheCounts } from "./usage.ts";

export interface ModelServerOptions {
  port?: number;
  /** Moments of truth as JSON lines. */
  truthFile?: string;
}

interface Exchange {
  identity: Identity;
  turn: Turn | null;
  isGone: boolean;
  onGone: () => void;
}

/** The header by which aimock hands a request's name on to the function that answers it. */
const CONTEXT = "x-aimock-context";

/**
 * A model behind Anthropic Messages, OpenAI Responses and Chat Completions whose answers are scripted in its prompts. The front end
 * tracks who asks, since when, and who hung up. The back end is aimock, which implements the three protocols.
 */
export class ModelServer {
  readonly truth: Truth;
  readonly #mock = new LLMock({ host: "127.0.0.1", port: 0, logLevel: "silent" });
  readonly #front: Server;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #refusals = new Map<string, number>();
  #isRecovered = false;
  /** How often a conversation was summarized. */
  summaries = 0;
  #count = 0;

  private constructor({ truthFile }: ModelServerOptions) {
    this.truth = new Truth(truthFile ?? null);
    this.#mock.addFixture({ match: {}, response: (request) => this.#answer(request) });
    this.#front = createServer((request, response) => {
      void this.#take(request, response);
    });
    this.#front.on("upgrade", (_request, socket) => socket.destroy());
  }

  static async start(options: ModelServerOptions = {}): Promise<ModelServer> {
    const server = new ModelServer(options);
    await server.#mock.start();
    await new Promise<void>((resolve, reject) => {
      server.#front.once("error", reject);
      server.#front.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#front.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on no script makes it fail, as if the key were right again and the servers up. */
  recover(): void {
    this.#isRecovered = true;
  }

  async stop(): Promise<void> {
    this.#front.closeAllConnections();
    await new Promise((resolve) => this.#front.close(resolve));
    await this.#mock.stop();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const protocol = protocolOf(path);
    let text = "";
    request.setEncoding("utf8");
    for await (const chunk of request) text += chunk;
    if (protocol === null) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"not here"}}');
      return;
    }
    const identity = identityOf(protocol, request.headers, JSON.parse(text));
    const id = `exchange-${++this.#count}`;
    const exchange: Exchange = { identity, turn: null, isGone: false, onGone: () => undefined };
    this.#exchanges.set(id, exchange);
    this.#pass({ id, path, text, headers: request.headers, response });
    response.once("close", () => this.#close(id, exchange, response.writableFinished));
  }

  /** Passes the request to aimock, and its answer back, unchanged or in the vendor's format if ours does not fit. */
  #pass(to: {
    id: string;
    path: string;
    text: string;
    headers: IncomingMessage["headers"];
    response: ServerResponse;
  }): void {
    const { accept, "content-type": type } = to.headers;
    const headers = { "content-type": type ?? "application/json", ...(accept && { accept }), [CONTEXT]: to.id };
    const exchange = this.#exchanges.get(to.id);
    const upstream = httpRequest(
      { host: "127.0.0.1", port: this.#mock.port, path: to.path, method: "POST", headers },
      (answer) => {
        const failure = exchange?.turn?.failure;
        if (failure?.breaksOff) {
          breakOff(answer, to.response, failure.breaksOff);
          return;
        }
        if (failure) {
          answer.resume();
          to.response.writeHead(failure.status, { "content-type": "application/json", ...failure.headers });
          to.response.end(JSON.stringify(failure.body));
          return;
        }
        to.response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.setEncoding("utf8");
        if (exchange?.turn?.streamMs) {
          void stream(answer, to.response, exchange.turn.streamMs);
          return;
        }
        answer.on("data", (chunk: string) => to.response.write(withCacheCounts(chunk, exchange?.turn?.usage)));
        answer.on("end", () => to.response.end());
      },
    );
    upstream.on("error", () => to.response.destroy());
    to.response.once("close", () => upstream.destroy());
    upstream.end(to.text);
  }

  #close(id: string, exchange: Exchange, isFinished: boolean): void {
    this.#exchanges.delete(id);
    exchange.isGone = true;
    exchange.onGone();
    const { turn, identity } = exchange;
    if (turn === null || turn.isSide) return;
    // A sub-agent of the same conversation works, or its main agent does.
    if (turn.after.state === "idle" && this.#isAsking(identity.conversation)) return;
    if (!isFinished && turn.failure === null) this.truth.mark(identity.conversation, "idle", "the agent hung up");
    else this.truth.mark(identity.conversation, turn.after.state, turn.after.why);
  }

  #isAsking(conversation: string): boolean {
    return [...this.#exchanges.values()].some(
      ({ identity, turn }) => identity.conversation === conversation && turn?.isSide === false,
    );
  }

  async #answer(request: ChatCompletionRequest): Promise<FixtureResponse> {
    const exchange = this.#exchanges.get(request._context ?? "");
    if (exchange === undefined) return { error: { message: "unknown exchange" }, status: 500 };
    const { conversation, client, protocol } = exchange.identity;
    const turn = planTurn({
      messages: request.messages as ModelMessage[],
      toolNames: (request.tools ?? []).map(({ function: { name } }) => name),
      protocol,
      refusals: (key) => (this.#isRecovered ? Infinity : (this.#refusals.get(`${conversation} ${key}`) ?? 0)),
      nowMs: Date.now(),
    });
    exchange.turn = turn;
    if (turn.isSummary) this.summaries += 1;
    if (!turn.isSide) {
      if (!turn.isSummary) this.truth.heard({ conversation, client, users: turn.users, results: turn.results });
      this.truth.mark(conversation, "active", "asked the model");
    }
    await this.#wait(exchange, turn);
    if (turn.failure !== null) {
      const key = `${conversation} ${turn.failure.key}`;
      this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + 1);
      if (turn.failure.breaksOff === "cut") return { content: "These words break off." };
      return { error: { message: "scripted" }, status: turn.failure.status };
    }
    const { input = 0, output = 0 } = turn.usage;
    const usage = { input_tokens: input, output_tokens: output, prompt_tokens: input, completion_tokens: output };
    return turn.call === null ? { content: turn.text, usage } : { content: turn.text, toolCalls: [turn.call], usage };
  }

  /** Until the scripted time is over, or the agent has hung up. */
  async #wait(exchange: Exchange, { delayMs, hangs }: Turn): Promise<void> {
    if ((delayMs === 0 && !hangs) || exchange.isGone) return;
    await new Promise<void>((resolve) => {
      const timer = hangs ? null : setTimeout(resolve, delayMs);
      exchange.onGone = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Passes the events of an answer on, evenly spread over this time. */
async function stream(answer: IncomingMessage, response: ServerResponse, ms: number): Promise<void> {
  let text = "";
  for await (const chunk of answer) text += chunk;
  const events = text.split(/(?<=\n\n)/);
  for (const event of events) {
    if (response.destroyed) return;
    response.write(event);
    await new Promise((resolve) => setTimeout(resolve, ms / events.length));
  }
  response.end();
}

/** Closes the vendor's end of the connection: at once, or after the first piece of the stream. */
function breakOff(answer: IncomingMessage, response: ServerResponse, how: "cut" | "drop"): void {
  if (how === "drop") {
    answer.resume();
    response.destroy();
    return;
  }
  response.writeHead(200, answer.headers);
  answer.once("data", (chunk: Buffer) => {
    const text = chunk.toString("utf8");
    const end = text.indexOf("\n\n");
    response.write(end === -1 ? text : text.slice(0, end + 2), () => response.destroy());
    answer.resume();
  });
}
