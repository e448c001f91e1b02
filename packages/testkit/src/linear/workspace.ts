import { randomUUID } from "node:crypto";
import type {
  Access,
  Attachment,
  Comment,
  Cycle,
  Issue,
  Label,
  Organization,
  Relation,
  State,
  StateType,
  Team,
  User,
} from "./model.ts";

/** A new team of Linear has these. */
export const STANDARD_STATES: readonly (readonly [string, StateType])[] = [
  ["Backlog", "backlog"],
  ["Todo", "unstarted"],
  ["In Progress", "started"],
  ["In Review", "started"],
  ["Done", "completed"],
  ["Canceled", "canceled"],
  ["Duplicate", "duplicate"],
];

export interface NewIssue {
  title: string;
  description?: string | null;
  by?: User | null;
  assignee?: User | null;
  labels?: readonly Label[];
  state?: string;
  priority?: number;
  estimate?: number | null;
  parent?: Issue | null;
  cycle?: Cycle | null;
}

/** Everything in one workspace. Its methods are what people and integrations do in Linear. */
export class Workspace {
  readonly organization: Organization = { id: randomUUID(), name: "Acme", urlKey: "acme" };
  readonly users: User[] = [];
  readonly teams: Team[] = [];
  readonly labels: Label[] = [];
  readonly issues: Issue[] = [];
  readonly relations: Relation[] = [];
  readonly access = new Map<string, Access>();
  readonly #numbers = new Map<Team, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  addUser(name: string, given: Partial<User> = {}): User {
    const user = { id: randomUUID(), name, displayName: name, email: `${name}@acme.test`, active: true };
    const made: User = { ...user, guest: false, app: false, ...given };
    this.users.push(made);
    return made;
  }

  addTeam(key: string, states: readonly (readonly [string, StateType])[] = STANDARD_STATES): Team {
    const team: Team = { id: randomUUID(), key, name: `${key} team`, states: [], cycles: [] };
    for (const [position, [name, type]] of states.entries()) {
      team.states.push({ id: randomUUID(), name, type, position, team });
    }
    this.teams.push(team);
    return team;
  }

  addCycle(team: Team, given: Partial<Cycle> = {}): Cycle {
    const standard = { id: randomUUID(), number: team.cycles.length + 1, name: null };
    const cycle: Cycle = { ...standard, isActive: false, isNext: false, isPrevious: false, team, ...given };
    team.cycles.push(cycle);
    return cycle;
  }

  label(name: string, team: Team | null = null): Label {
    const found = this.labels.find((one) => one.name === name && one.team === team);
    const label = found ?? { id: randomUUID(), name, team };
    if (found === undefined) this.labels.push(label);
    return label;
  }

  giveAccess(user: User, given: Partial<Omit<Access, "user">> = {}): string {
    const kind = given.kind ?? "key";
    const value = `${kind === "key" ? "lin_api_" : "lin_oauth_"}${randomUUID().replaceAll("-", "")}`;
    const access: Access = { value, kind, scopes: ["read", "write"], teams: null, ...given, user };
    this.access.set(access.value, access);
    return access.value;
  }

  addIssue(team: Team, given: NewIssue): Issue {
    const number = this.#nextNumber(team);
    const state = this.state(team, given.state ?? "Todo");
    const at = this.#iso();
    const issue: Issue = {
      id: randomUUID(),
      ...{ identifier: `${team.key}-${number}`, previousIdentifiers: [], number, team, state },
      title: given.title,
      description: given.description || null,
      labels: [...(given.labels ?? [])],
      assignee: given.assignee ?? null,
      creator: given.by ?? null,
      priority: given.priority ?? 0,
      estimate: given.estimate ?? null,
      parent: given.parent ?? null,
      cycle: given.cycle ?? null,
      ...{ children: [], comments: [], attachments: [], past: [state.name] },
      ...{ createdAt: at, updatedAt: at, archivedAt: null },
    };
    given.parent?.children.push(issue);
    this.issues.push(issue);
    return issue;
  }

  /** By its name, or the team's first of a type. */
  state(team: Team, nameOrType: string): State {
    const found =
      team.states.find(({ name }) => name === nameOrType) ?? team.states.find(({ type }) => type === nameOrType);
    const first = found ?? team.states[0];
    if (first === undefined) throw new Error(`the team ${team.key} has no states`);
    return first;
  }

  move(issue: Issue, state: State | string): void {
    const to = typeof state === "string" ? this.state(issue.team, state) : state;
    if (to === issue.state) return;
    issue.state = to;
    issue.past.push(to.name);
    this.touch(issue);
  }

  /** To another team, with a new identifier. The old one still leads to it. */
  moveTo(issue: Issue, team: Team): void {
    issue.previousIdentifiers.push(issue.identifier);
    issue.number = this.#nextNumber(team);
    issue.identifier = `${team.key}-${issue.number}`;
    issue.state = this.state(team, issue.state.type);
    issue.team = team;
    this.touch(issue);
  }

  relate(issue: Issue, type: Relation["type"], relatedIssue: Issue): void {
    this.relations.push({ id: randomUUID(), type, issue, relatedIssue });
  }

  comment(
    issue: Issue,
    given: { body: string; by?: User } & Partial<Pick<Comment, "externalUser" | "botActor">>,
  ): Comment {
    const { body, by = null, externalUser = null, botActor = null } = given;
    const comment: Comment = { id: randomUUID(), body, createdAt: this.#iso(), user: by, externalUser, botActor };
    issue.comments.push(comment);
    this.touch(issue);
    return comment;
  }

  /** An address is attached to an issue once. A second time changes its title. */
  attach(issue: Issue, { url, title }: { url: string; title: string }): Attachment {
    const known = issue.attachments.find((one) => one.url === url);
    const attachment = known ?? { id: randomUUID(), url, title, createdAt: this.#iso() };
    attachment.title = title;
    if (known === undefined) issue.attachments.push(attachment);
    return attachment;
  }

  remove(issue: Issue): void {
    this.issues.splice(this.issues.indexOf(issue), 1);
  }

  touch(issue: Issue): void {
    issue.updatedAt = this.#iso();
  }

  /** No number is given twice. */
  #nextNumber(team: Team): number {
    const number = (this.#numbers.get(team) ?? 0) + 1;
    this.#numbers.set(team, number);
    return number;
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}
