import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addApp, addBuiltInApp, giveToken, install, type NewApp, type NewToken } from "./control.ts";
import { followUp } from "./domain/queue.ts";
import { deliver, startWebhooks } from "./hooks/deliver.ts";
import { budgetKey } from "./http/budget.ts";
import { type ActiveFault, type Fault, Faults } from "./http/faults.ts";
import { type LimitOptions, Limits, type Resource } from "./http/limits.ts";
import type { LoggedRequest } from "./http/log.ts";
import { FrontDoor } from "./http/server.ts";
import type { Served } from "./http/surface.ts";
import type { Account, App, Installation, Token } from "./model/accounts.ts";
import type { Delivery, Hook } from "./model/hooks.ts";
import { RepoControl } from "./repo-control.ts";
import { serveRest } from "./rest/serve.ts";
import { serveStorage } from "./rest/storage.ts";
import { type NewRepo, World } from "./world.ts";

export type { ActiveFault, FaultKind } from "./http/faults.ts";
export type { LoggedRequest } from "./http/log.ts";
export { RepoControl } from "./repo-control.ts";

export interface GitHubOptions {
  /** Milliseconds since the epoch. The machine's clock when not given. */
  now?: () => number;
  limits?: LimitOptions;
  port?: number;
  /** Sees every answer of both APIs. */
  onAnswer?: (request: LoggedRequest, answer: Served) => void;
}

/**
 * A GitHub of our own: REST at `/api/v3`, GraphQL at `/api/graphql` by the official schema, git at `/owner/name.git` over the real
 * `git http-backend`, webhooks that are really posted. Everything is in memory but the repositories, which are bare ones in a temporary
 * folder.
 */
export class GitHub {
  readonly world: World;
  readonly limits: Limits;
  /** Every request, oldest first. */
  readonly requests: LoggedRequest[] = [];
  readonly #faults = new Faults();
  readonly #door: FrontDoor;

  private constructor(dir: string, { now = Date.now, limits, onAnswer }: GitHubOptions) {
    this.world = new World(dir, now);
    this.limits = new Limits(now, limits);
    const { world } = this;
    this.#door = new FrontDoor({
      world,
      limits: this.limits,
      faults: this.#faults,
      requests: this.requests,
      onAnswer: onAnswer ?? (() => undefined),
      surfaces: {
        rest: serveRest(world, this.limits),
        graphql: async (exchange) => {
          // Loaded by the first query only: the schema is large.
          const { serveGraphQL } = await import("./graphql/serve.ts");
          return serveGraphQL({ world, limits: this.limits }, exchange);
        },
        storage: (path) => serveStorage(world, path),
      },
    });
  }

  static async start(options: GitHubOptions = {}): Promise<GitHub> {
    const github = new GitHub(await mkdtemp(join(tmpdir(), "ao-github-")), options);
    const { world } = github;
    world.addAccount("github", { type: "Organization", name: "GitHub" });
    world.addAccount("github-merge-queue[bot]", { type: "Bot" });
    addBuiltInApp(world, "github-actions", { permissions: { checks: "write", contents: "read" } });
    addBuiltInApp(world, "ci", { permissions: { checks: "write", statuses: "write" } });
    await github.#door.listen(options.port);
    startWebhooks(world, github.#door.urls);
    world.listeners.add((happening) => followUp(world, happening));
    return github;
  }

  /** `http://127.0.0.1:PORT`. */
  get url(): string {
    return this.#door.url;
  }

  /** What Octokit takes as `baseUrl`. */
  get baseUrl(): string {
    return `${this.url}/api/v3`;
  }

  /** Answers there as api.github.com does, for `gh config set http_unix_socket`. */
  async listenOn(socketPath: string): Promise<void> {
    await this.#door.listenOn(socketPath);
  }

  async stop(): Promise<void> {
    await this.#door.stop();
    await this.world.settled();
    await rm(this.world.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  user(login: string, fields: Partial<Pick<Account, "name" | "email">> = {}): Account {
    return this.world.addAccount(login, fields);
  }

  organization(login: string, fields: { members?: string[]; requiresSso?: boolean } = {}): Account {
    const account = this.world.addAccount(login, { type: "Organization" });
    for (const member of fields.members ?? []) account.members.add(this.world.addAccount(member).login);
    account.requiresSso = fields.requiresSso ?? account.requiresSso;
    return account;
  }

  bot(login: string): Account {
    return this.world.addAccount(login.endsWith("[bot]") ? login : `${login}[bot]`, { type: "Bot" });
  }

  token(login: string, given?: NewToken): Token {
    return giveToken(this.world, this.user(login), given);
  }

  app(slug: string, given?: NewApp): { app: App; privateKey: string } {
    return addApp(this.world, slug, given);
  }

  install(app: App, { account, repositories }: { account: string; repositories?: string[] }): Installation {
    return install(this.world, app, {
      account: this.world.account(account),
      ...(repositories === undefined ? {} : { repositories }),
    });
  }

  /** Makes a repository with one commit on its default branch. Its owner becomes a user when there is none of that name. */
  async addRepo(fullName: string, given: NewRepo & { files?: Record<string, string> } = {}): Promise<RepoControl> {
    const { files = { "README.md": `# ${fullName}\n` }, ...rest } = given;
    const owner = this.world.addAccount(fullName.split("/")[0] ?? "");
    for (const login of Object.keys(rest.collaborators ?? {})) this.world.addAccount(login);
    const control = new RepoControl(this.world, await this.world.addRepo(fullName, rest));
    if (Object.keys(files).length > 0)
      await control.pushCommit(control.repo.defaultBranch, { by: owner.login, files, message: "Initial commit" });
    return control;
  }

  repo(fullName: string): RepoControl {
    const [owner = "", name = ""] = fullName.split("/");
    const repo = this.world.findRepo(owner, name);
    if (repo === null) throw new Error(`no repository ${fullName}`);
    return new RepoControl(this.world, repo);
  }

  /** The address for `git clone`, with a token as its password when one is given. */
  cloneUrl(fullName: string, token?: Token): string {
    const auth = token === undefined ? "" : `x-access-token:${token.value}@`;
    return `${this.url.replace("://", `://${auth}`)}/${fullName}.git`;
  }

  fault(fault: Fault): ActiveFault {
    return this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Leaves only so much of a person's hourly budget. */
  leave(login: string, resource: Resource, remaining: number): void {
    this.limits.leave(
      budgetKey({ account: this.world.account(login), token: null, jwtApp: null }),
      resource,
      remaining,
    );
  }

  /** What was taken from budgets so far. */
  get counted(): number {
    return this.requests.reduce((sum, { counted }) => sum + counted, 0);
  }

  /** Waits until webhooks are delivered, and auto-merge and merge queues have done what they can. */
  settled(): Promise<void> {
    return this.world.settled();
  }

  /** Posts a delivery once more, as the button "Redeliver" does. */
  async redeliver(hook: Hook, { event, action, guid, payload }: Delivery): Promise<void> {
    await deliver(this.world, hook, { event, action, guid, payload, isRedelivery: true, repoId: 0 });
  }
}
