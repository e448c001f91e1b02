import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions, Clock } from "@agent-orchestrator/core/slots/common";
import { exec } from "../exec.ts";
import { findProgram } from "../program.ts";
import { type AccessOptions, isPublic, PUBLIC_API, webUrl } from "./options.ts";

/** Where requests get their token. */
export interface Credentials {
  /** Throws UNAVAILABLE, with the ways to get one, if there is none. */
  token(options?: CallOptions): Promise<string>;
  /** Where it is from, for people: `scm.token`, `GITHUB_TOKEN`, `gh`, `app 17`. Null before the first token. */
  readonly source: string | null;
  /** Look again at the next request: this one was not accepted. */
  forget(): void;
}

export interface CredentialsOptions {
  access: AccessOptions;
  clock: Clock;
  fetch: typeof fetch;
  /** The environment for `gh`. */
  env: () => Record<string, string>;
  /** The variables of the user's environment that the plugin's manifest names, in its order. */
  tokens: () => Record<string, string>;
  /** Used if there is no other, with its name for people. */
  fallback?: { token: string; source: string };
  /** Called with each token, which is to be kept out of logs and messages. */
  onToken?: (token: string) => void;
}

const GH_TIMEOUT_MS = 5_000;
/** `gh` may be logged in anew. */
const KEEP_MS = 60_000;

interface Held {
  token: string;
  source: string;
  /** In the clock's monotonic milliseconds. */
  until: number;
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const { clock } = options;
  let held: Held | null = null;
  let pending: Promise<Held> | null = null;
  return {
    get source() {
      return held?.source ?? null;
    },
    async token(call) {
      const given = atHand(options);
      if (given !== null) {
        held = { ...given, until: 0 };
        options.onToken?.(held.token);
        return held.token;
      }
      if (held !== null && clock.monotonic() < held.until) return held.token;
      pending ??= find(options, call).finally(() => {
        pending = null;
      });
      held = await pending;
      options.onToken?.(held.token);
      return held.token;
    },
    forget() {
      held = null;
    },
  };
}

/** What needs no search. The user's next command may have another token, which counts at once. */
function atHand({ access, tokens }: CredentialsOptions): Pick<Held, "token" | "source"> | null {
  if (access.app !== undefined) return null;
  if (access.token !== undefined) return { token: access.token, source: "the config" };
  const exported = Object.entries(tokens()).find(([name, value]) => value !== "" && isFor(access, name));
  return exported === undefined ? null : { token: exported[1], source: exported[0] };
}

async function find(options: CredentialsOptions, call?: CallOptions): Promise<Held> {
  const { access, clock, fallback } = options;
  const until = clock.monotonic() + KEEP_MS;
  if (access.app !== undefined) return installationToken(options, call);
  const token = await tokenOfGh(options, call);
  if (token !== null) return { token, source: "gh", until };
  if (fallback !== undefined) return { ...fallback, until };
  throw new AoError("UNAVAILABLE", `there is no token for ${hostOf(access)}`, {
    hint: "Run `gh auth login`, or export `GITHUB_TOKEN` in the shell where you call `ao`.",
  });
}

/** As for `gh`: a variable with this in its name is for an Enterprise server only. */
const ENTERPRISE = "_ENTERPRISE_";
const isFor = ({ baseUrl }: AccessOptions, variable: string): boolean =>
  !variable.includes(ENTERPRISE) || !isPublic(baseUrl);

const hostOf = (access: AccessOptions): string => new URL(webUrl(access.baseUrl)).host;

/** The token of an existing login of `gh`. Null if there is none. */
async function tokenOfGh({ access, env }: CredentialsOptions, call?: CallOptions): Promise<string | null> {
  const environment = env();
  const gh = findProgram("gh", environment);
  if (gh === null) return null;
  try {
    const args = ["auth", "token", "--hostname", hostOf(access)];
    const { stdout } = await exec(gh, args, { env: environment, timeoutMs: GH_TIMEOUT_MS, ...call });
    return stdout.trim() === "" ? null : stdout.trim();
  } catch (error) {
    if (call?.signal?.aborted) throw error;
    return null; // Not logged in. The caller names both ways.
  }
}

/** Installation tokens live for an hour. A new one is requested five minutes before. */
const APP_MARGIN_MS = 5 * 60_000;

async function installationToken(options: CredentialsOptions, call?: CallOptions): Promise<Held> {
  const { access, clock } = options;
  const app = access.app as NonNullable<AccessOptions["app"]>;
  const url = `${access.baseUrl ?? PUBLIC_API}/app/installations/${app.installationId}/access_tokens`;
  const headers = { authorization: `Bearer ${appToken(app, clock)}`, accept: "application/vnd.github+json" };
  const response = await options.fetch(url, { method: "POST", headers, ...call });
  const body = (await response.json().catch(() => ({}))) as { token?: string; expires_at?: string; message?: string };
  if (!response.ok || body.token === undefined) {
    throw new AoError("UNAVAILABLE", `GitHub refused the app ${app.id}: ${body.message ?? response.status}`, {
      hint: "Check `app.id`, `app.installationId` and the private key in the config.",
    });
  }
  const lifeMs = Date.parse(body.expires_at ?? "") - clock.now();
  const keepMs = Number.isFinite(lifeMs) ? Math.max(0, lifeMs - APP_MARGIN_MS) : KEEP_MS;
  return { token: body.token, source: `app ${app.id}`, until: clock.monotonic() + keepMs };
}

/** A JSON Web Token for nine minutes (ten are allowed), issued a minute ago in case the clocks differ. RFC 7519, RS256. */
function appToken(app: NonNullable<AccessOptions["app"]>, clock: Clock): string {
  const now = Math.floor(clock.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: now - 60, exp: now + 540, iss: String(app.id) })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey(app.privateKeyFile), "base64url")}`;
}

function privateKey(file: string): KeyObject {
  const refused = (problem: string, cause: unknown) =>
    new AoError("CONFIG", `the private key ${file} ${problem}`, { cause, hint: "Check `app.privateKeyFile`." });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw refused("can't be read", cause);
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw refused("is no private key in PEM", cause);
  }
}
