import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type DocumentNode, Kind, parse, validate } from "graphql";
import { complexityOf } from "./complexity.ts";
import { answer } from "./execute.ts";
import { LinearFailure, missingScope, rateLimited, tooComplex, unauthenticated } from "./failure.ts";
import { type LimitOptions, Limits } from "./limits.ts";
import type { Access } from "./model.ts";
import { linearSchema } from "./sdk-schema.ts";
import { Workspace } from "./workspace.ts";

export interface LinearOptions {
  /** Milliseconds since the epoch. The machine's clock when not given. */
  now?: () => number;
  limits?: LimitOptions;
  port?: number;
}

export interface LinearRequest {
  /** Of the operation: `issueUpdate`. */
  fields: string[];
  query: string;
  variables: Record<string, unknown>;
  status: number;
  complexity: number;
}

export type LinearFault = {
  kind: "no-answer" | "unavailable" | "web-page" | "cut" | "rate-limited" | "lost-answer" | "error";
  /** `lost-answer` is done before it is lost. Absent: every request. */
  match?: (request: Pick<LinearRequest, "query" | "variables">) => boolean;
  times?: number;
};

/** A Linear of our own: its GraphQL over real HTTP, by the schema in its SDK's types. Everything is in memory. */
export class Linear {
  readonly workspace: Workspace;
  readonly requests: LinearRequest[] = [];
  readonly #limits: Limits;
  readonly #server: Server;
  #faults: LinearFault[] = [];

  private constructor({ now = Date.now, limits }: LinearOptions) {
    this.workspace = new Workspace(now);
    this.#limits = new Limits(now, limits);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: LinearOptions = {}): Promise<Linear> {
    const linear = new Linear(options);
    linearSchema(); // Not within the first request's time.
    await new Promise<void>((done) => linear.#server.listen(options.port ?? 0, "127.0.0.1", done));
    return linear;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  fault(fault: LinearFault): void {
    this.#faults.push(fault);
  }

  clearFaults(): void {
    this.#faults = [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== "POST" || request.url !== "/graphql") return void response.writeHead(404).end();
    const { query = "", variables = {} } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Partial<LinearRequest>;
    const entry: LinearRequest = { fields: [], query, variables, status: 0, complexity: 0 };
    this.requests.push(entry);
    const kind = this.#faultFor(entry);
    if (kind === "no-answer") return;
    if (kind === "unavailable")
      return void response.writeHead(503, { "content-type": "text/plain" }).end("unavailable");
    if (kind === "web-page")
      return void response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>");
    if (kind === "cut") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "900" }).write('{"data":{');
      return void response.destroy();
    }
    const { status, headers, body } = await this.#answer(request, entry, kind);
    entry.status = status;
    if (kind === "lost-answer") return void response.destroy();
    response
      .writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
      .end(JSON.stringify(body));
  }

  #faultFor(request: LinearRequest): LinearFault["kind"] | null {
    const fault = this.#faults.find(({ match }) => match?.(request) ?? true);
    if (fault === undefined) return null;
    if (fault.times !== undefined && --fault.times === 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    return fault.kind;
  }

  async #answer(request: IncomingMessage, entry: LinearRequest, kind: LinearFault["kind"] | null) {
    let headers: Record<string, string> = {};
    try {
      const access = this.#accessOf(request.headers.authorization);
      const document = this.#checked(entry);
      const { complexity } = entry;
      const isTaken = kind !== "rate-limited" && this.#limits.take(access.user.id, complexity);
      headers = this.#limits.headers(access.user.id, complexity);
      if (!isTaken) throw rateLimited();
      if (kind === "error")
        throw new LinearFailure("Internal server error", {
          type: "internal error",
          code: "INTERNAL_SERVER_ERROR",
          status: 500,
        });
      const isMutation = document.definitions.some((one) => "operation" in one && one.operation === "mutation");
      if (isMutation && !access.scopes.includes("write")) throw missingScope("write");
      return { headers, ...(await answer(document, entry.variables, { workspace: this.workspace, access })) };
    } catch (error) {
      if (!(error instanceof LinearFailure)) throw error;
      return { headers, status: error.status, body: { errors: [error.toJSON()] } };
    }
  }

  /** A key stands alone, and the token of an app behind `Bearer`. */
  #accessOf(header = ""): Access {
    const bearer = /^Bearer (.+)$/.exec(header)?.[1];
    const access = this.workspace.access.get(bearer ?? header);
    if (access === undefined || (access.kind === "oauth") !== (bearer !== undefined)) throw unauthenticated();
    return access;
  }

  #checked(entry: LinearRequest): DocumentNode {
    const document = parse(entry.query);
    const problems = validate(linearSchema(), document).map(({ message }) => message);
    if (problems.length > 0) {
      const kind = { type: "graphql error", code: "GRAPHQL_VALIDATION_FAILED", status: 400 };
      throw new LinearFailure(problems.join("; "), kind);
    }
    for (const one of document.definitions) {
      if (one.kind !== Kind.OPERATION_DEFINITION) continue;
      for (const field of one.selectionSet.selections)
        if (field.kind === Kind.FIELD) entry.fields.push(field.name.value);
    }
    entry.complexity = complexityOf(linearSchema(), document, entry.variables);
    if (entry.complexity > this.#limits.query) throw tooComplex(this.#limits.query);
    return document;
  }
}
