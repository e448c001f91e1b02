import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Account, App, Installation, Permissions, Token } from "./model/accounts.ts";
import type { World } from "./world.ts";

export interface NewToken {
  scopes?: string[];
  /** Makes it a fine-grained token. */
  permissions?: Permissions;
  /** Full names. All that the person reaches when not given. */
  repositories?: string[];
  /** Milliseconds from now. */
  expiresIn?: number;
  ssoAuthorized?: string[];
}

/** A token of a person: classic with scopes, or fine-grained with permissions. */
export function giveToken(world: World, account: Account, given: NewToken = {}): Token {
  const isFine = given.permissions !== undefined;
  const token: Token = {
    value: `${isFine ? "github_pat_" : "ghp_"}${randomBytes(18).toString("hex")}`,
    kind: isFine ? "fine-grained" : "classic",
    account,
    scopes: isFine ? [] : (given.scopes ?? ["repo"]),
    permissions: given.permissions ?? {},
    repositories: given.repositories ?? null,
    installation: null,
    isRevoked: false,
    expiresAt: given.expiresIn === undefined ? null : world.now() + given.expiresIn,
    ssoAuthorized: new Set(given.ssoAuthorized ?? []),
  };
  world.tokens.set(token.value, token);
  return token;
}

export interface NewApp {
  permissions?: Permissions;
  events?: string[];
  owner?: Account;
}

/** An app with its bot. GitHub's own have no key, because they never call as themselves. */
export function addBuiltInApp(world: World, slug: string, given: NewApp = {}): App {
  const bot = world.addAccount(`${slug}[bot]`, { type: "Bot" });
  const app = world.add<App>("A", {
    slug,
    name: slug,
    owner: given.owner ?? world.account("github"),
    bot,
    publicKey: "",
    permissions: given.permissions ?? { metadata: "read" },
    events: given.events ?? [],
    createdAt: world.iso(),
  });
  world.apps.push(app);
  return app;
}

/** An app with its key. `privateKey` is PEM, as its owner downloads it. */
export function addApp(world: World, slug: string, given: NewApp = {}): { app: App; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const app = addBuiltInApp(world, slug, given);
  app.publicKey = publicKey;
  return { app, privateKey };
}

export function install(
  world: World,
  app: App,
  { account, repositories }: { account: Account; repositories?: string[] },
): Installation {
  const installation: Installation = {
    id: world.nextId(),
    app,
    account,
    permissions: app.permissions,
    repositories: repositories ?? null,
    createdAt: world.iso(),
  };
  world.installations.push(installation);
  return installation;
}
