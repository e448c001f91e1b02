/** What the Linear of the tests keeps. The names of members are those of Linear's schema, so that filters and answers can read them. */
export interface Organization {
  id: string;
  name: string;
  urlKey: string;
}
export interface User {
  id: string;
  name: string;
  displayName: string;
  email: string;
  active: boolean;
  guest: boolean;
  /** An OAuth app that acts as itself. */
  app: boolean;
}
export interface Team {
  id: string;
  key: string;
  name: string;
  states: State[];
  cycles: Cycle[];
}
/** `duplicate` is a type of its own since 2025. */
export type StateType = "triage" | "backlog" | "unstarted" | "started" | "completed" | "canceled" | "duplicate";
export interface State {
  id: string;
  name: string;
  type: StateType;
  position: number;
  team: Team;
}
export interface Cycle {
  id: string;
  number: number;
  name: string | null;
  isActive: boolean;
  isNext: boolean;
  isPrevious: boolean;
  team: Team;
}
export interface Label {
  id: string;
  name: string;
  /** Null: of the whole workspace. */
  team: Team | null;
}
export interface Comment {
  id: string;
  body: string;
  createdAt: string;
  /** Null: written by an integration or through a synced thread. */
  user: User | null;
  /** Somebody outside of the workspace. */
  externalUser: { id: string; name: string; displayName: string } | null;
  botActor: { id: string; name: string; type: string } | null;
}
export interface Attachment {
  id: string;
  title: string;
  url: string;
  createdAt: string;
}
export interface Relation {
  id: string;
  type: "blocks" | "duplicate" | "related" | "similar";
  issue: Issue;
  relatedIssue: Issue;
}
export interface Issue {
  id: string;
  identifier: string;
  /** Of the teams that it was in before. */
  previousIdentifiers: string[];
  number: number;
  title: string;
  description: string | null;
  team: Team;
  state: State;
  labels: Label[];
  assignee: User | null;
  creator: User | null;
  priority: number;
  estimate: number | null;
  parent: Issue | null;
  children: Issue[];
  cycle: Cycle | null;
  createdAt: string;
  updatedAt: string;
  archivedAt: string | null;
  comments: Comment[];
  attachments: Attachment[];
  /** The names of its states, the first first. */
  past: string[];
}

/** A personal key, or the token of an OAuth app. */
export interface Access {
  value: string;
  user: User;
  kind: "key" | "oauth";
  scopes: readonly string[];
  /** Keys of the teams that it may see. Null: all. */
  teams: readonly string[] | null;
}
