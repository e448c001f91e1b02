/** People, bots, organisations, apps and their tokens. */

export interface Account {
  id: number;
  nodeId: string;
  login: string;
  type: "User" | "Bot" | "Organization";
  name: string | null;
  email: string | null;
  createdAt: string;
  /** Logins of an organisation's members. Empty for everybody else. */
  members: Set<string>;
  /** The organisation wants every token authorised for its single sign-on. */
  requiresSso: boolean;
}

export const ROLES = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Role = (typeof ROLES)[number];

export type PermissionLevel = "read" | "write" | "admin";
/** GitHub's own names: `contents`, `issues`, `pull_requests`, `checks`, `statuses`, `actions`, `administration` … */
export type Permissions = Record<string, PermissionLevel>;

export interface App {
  id: number;
  nodeId: string;
  slug: string;
  name: string;
  owner: Account;
  bot: Account;
  /** PEM. GitHub keeps only this half, and checks an app's JWT with it. */
  publicKey: string;
  permissions: Permissions;
  events: string[];
  createdAt: string;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  permissions: Permissions;
  /** Full names, or `null` for all repositories of the account. */
  repositories: string[] | null;
  createdAt: string;
}

export interface Token {
  value: string;
  kind: "classic" | "fine-grained" | "installation";
  account: Account;
  /** Of a classic token. */
  scopes: string[];
  /** Of a fine-grained token or of an installation. */
  permissions: Permissions;
  /** Full names, or `null` for all that its owner reaches. */
  repositories: string[] | null;
  installation: Installation | null;
  isRevoked: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number | null;
  /** Organisations for whose single sign-on it was authorised. */
  ssoAuthorized: Set<string>;
}

/** Who asks. `token` and `jwtApp` are both `null` for a request without credentials. */
export interface Viewer {
  account: Account | null;
  token: Token | null;
  /** Set when an app calls as itself, by JWT. */
  jwtApp: App | null;
}
