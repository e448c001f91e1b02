import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Bare } from "./git/bare.ts";
import type { Account, App, Installation, Role, Token } from "./model/accounts.ts";
import type { Issue, PullRequest } from "./model/issue.ts";
import type { Repo, Settings } from "./model/repo.ts";

export interface Happening {
  repo: Repo;
  /** GitHub's name of the event: `push`, `pull_request` … */
  event: string;
  action: string | null;
  actor: Account;
  /** What the event is about, by the payload's own names. */
  subject: Record<string, unknown>;
}

export interface NewRepo {
  isPrivate?: boolean;
  defaultBranch?: string;
  parent?: Repo | null;
  collaborators?: Record<string, Role>;
  settings?: Partial<Settings>;
  description?: string | null;
}

/** Everything that this GitHub knows. The stores are plain maps and arrays. */
export class World {
  readonly accounts = new Map<string, Account>();
  readonly apps: App[] = [];
  readonly installations: Installation[] = [];
  readonly tokens = new Map<string, Token>();
  readonly repos: Repo[] = [];
  /** Former full names in lower case. */
  readonly movedRepos = new Map<string, Repo>();
  /** Every object that has a node id, with the kind of its prefix. */
  readonly nodes = new Map<string, { kind: string; object: object }>();
  readonly listeners = new Set<(happening: Happening) => void>();
  readonly now: () => number;
  readonly dir: string;
  /** Work that GitHub does after its answer: webhooks, auto-merge, the merge queue. */
  readonly background = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #ids = 1000;

  constructor(dir: string, now: () => number) {
    this.dir = dir;
    this.now = now;
  }

  /** The time in GitHub's format, in whole seconds. */
  iso(ms = this.now()): string {
    return `${new Date(ms).toISOString().slice(0, 19)}Z`;
  }

  nextId(): number {
    return ++this.#ids;
  }

  /** Makes an object with an id and a node id, and finds it by that node id from then on. */
  add<T extends { id: number; nodeId: string }>(kind: string, fields: Omit<T, "id" | "nodeId">): T {
    const id = this.nextId();
    const nodeId = `${kind}_kwDO${Buffer.from(String(id)).toString("base64url")}`;
    const object = Object.assign(fields, { id, nodeId }) as unknown as T;
    this.nodes.set(nodeId, { kind, object });
    return object;
  }

  node<T extends object>(kind: string, nodeId: string): T | null {
    const found = this.nodes.get(nodeId);
    return found !== undefined && found.kind === kind ? (found.object as T) : null;
  }

  later(work: () => Promise<void>): void {
    const running = work().finally(() => this.background.delete(running));
    this.background.add(running);
  }

  /** Runs what changes the world one after another. Must not be nested. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Waits until nothing goes on in the background. */
  async settled(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  emit(happening: Happening): void {
    for (const listener of this.listeners) listener(happening);
  }

  account(login: string): Account {
    const account = this.accounts.get(login.toLowerCase());
    if (account === undefined) throw new Error(`no account ${login}`);
    return account;
  }

  addAccount(login: string, fields: Partial<Account> = {}): Account {
    const known = this.accounts.get(login.toLowerCase());
    if (known !== undefined) return known;
    const kind = fields.type === "Organization" ? "O" : fields.type === "Bot" ? "BOT" : "U";
    const account = this.add<Account>(kind, {
      login,
      type: "User",
      name: null,
      email: null,
      createdAt: this.iso(),
      members: new Set(),
      requiresSso: false,
      ...fields,
    });
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  findRepo(owner: string, name: string): Repo | null {
    const [wantedOwner, wantedName] = [owner.toLowerCase(), name.toLowerCase()];
    return (
      this.repos.find(
        (repo) => repo.owner.login.toLowerCase() === wantedOwner && repo.name.toLowerCase() === wantedName,
      ) ?? null
    );
  }

  async addRepo(fullName: string, given: NewRepo = {}): Promise<Repo> {
    const [ownerLogin = "", name = ""] = fullName.split("/");
    const owner = this.account(ownerLogin);
    const dir = join(this.dir, "git", `${this.nextId()}.git`);
    mkdirSync(join(this.dir, "git"), { recursive: true });
    const defaultBranch = given.defaultBranch ?? given.parent?.defaultBranch ?? "main";
    const git = await Bare.create(dir, defaultBranch);
    const now = this.iso();
    const repo = this.add<Repo>("R", {
      owner,
      name,
      description: given.description ?? null,
      isPrivate: given.isPrivate ?? false,
      defaultBranch,
      parent: given.parent ?? null,
      collaborators: new Map(Object.entries(given.collaborators ?? {})),
      settings: {
        allowedMethods: new Set(["merge", "squash", "rebase"]),
        deleteBranchOnMerge: false,
        allowAutoMerge: false,
        hasIssues: given.parent === undefined || given.parent === null,
        isArchived: false,
        decidesWithoutRule: true,
        ...given.settings,
      },
      git,
      issues: new Map(),
      labels: [],
      milestones: [],
      statuses: [],
      checkSuites: [],
      checkRuns: [],
      workflows: [],
      runs: [],
      protections: new Map(),
      rulesets: [],
      hooks: [],
      queue: [],
      createdAt: now,
      updatedAt: now,
      pushedAt: now,
    });
    this.repos.push(repo);
    return repo;
  }
}

export const fullName = (repo: Repo): string => `${repo.owner.login}/${repo.name}`;

export const isPull = (issue: Issue): issue is PullRequest => issue.pull !== null;

export function pullsOf(repo: Repo): PullRequest[] {
  return [...repo.issues.values()].filter(isPull);
}
