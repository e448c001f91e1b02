import { lookup as lookUp } from "node:dns";
import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import { ownEnvironment } from "@agent-orchestrator/core/host/env";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Dispatcher } from "undici";
import { isPrivateAddress } from "./addresses.ts";
import { httpError } from "./errors.ts";
import type { HttpOptions } from "./options.ts";
import { proxyFor } from "./proxy.ts";

/** How a request travels. */
export interface Route {
  /** Without its credentials. Null for a direct connection. */
  proxy: string | null;
  /** Null for the platform's own connections. */
  dispatcher: Dispatcher | null;
  send(url: URL, init: RequestInit): Promise<Response>;
}

export interface Transport {
  /** `isGuarded`: a connection to a private address is refused, whatever the name resolves to. */
  routeTo(url: URL, isGuarded: boolean): Promise<Route>;
  close(): Promise<void>;
}

/** Everything that makes two connections different. */
interface Way {
  proxy: URL | null;
  ca: string[];
  isGuarded: boolean;
}

/**
 * The platform's fetch has no way to say how to connect. Where that matters (a proxy, a certificate authority, a host that nobody
 * configured) the same implementation is loaded from npm, with its own connections, because one version's connections need not fit
 * another version's fetch.
 */
export function createTransport(options: Pick<HttpOptions, "env" | "ca" | "lookUp">): Transport {
  const made = new Map<string, Promise<Dispatcher>>();

  return {
    async routeTo(url, isGuarded) {
      const env = options.env();
      const way: Way = { proxy: proxyOf(url, env), ca: certificates(options, env), isGuarded };
      if (way.proxy === null && way.ca.length === 0 && !isGuarded)
        return { proxy: null, dispatcher: null, send: fetch };
      const loaded = await import("undici");
      // Bundled, a CommonJS module has only its default.
      const undici = (loaded.default ?? loaded) as typeof loaded;
      const key = JSON.stringify([way.proxy?.href, way.ca, isGuarded]);
      let dispatcher = made.get(key);
      if (dispatcher === undefined) {
        dispatcher = Promise.resolve(dispatcherFor(undici, way, guardedLookup(options.lookUp ?? lookUp)));
        made.set(key, dispatcher);
      }
      const through = await dispatcher;
      const send = (to: URL, init: RequestInit) =>
        // Its types and the platform's describe the same thing.
        undici.fetch(to, { ...(init as object), dispatcher: through }) as unknown as Promise<Response>;
      return { proxy: way.proxy?.host ?? null, dispatcher: through, send };
    },
    async close() {
      const closing = [...made.values()];
      made.clear();
      await Promise.all(closing.map(async (dispatcher) => (await dispatcher).destroy()));
    },
  };
}

function proxyOf(url: URL, env: ReturnType<HttpOptions["env"]>): URL | null {
  let proxy: URL | null;
  try {
    proxy = proxyFor(url, env);
  } catch {
    throw new AoError("CONFIG", "HTTPS_PROXY or HTTP_PROXY is not the address of a proxy", {
      hint: "It looks like `http://proxy.example:3128`.",
    });
  }
  if (proxy === null || proxy.protocol === "http:" || proxy.protocol === "https:") return proxy;
  throw new AoError("CONFIG", `the proxy ${proxy.protocol}//${proxy.host} is not supported`, {
    hint: "Use an http or https proxy.",
  });
}

function dispatcherFor(
  undici: typeof import("undici"),
  { proxy, ca, isGuarded }: Way,
  lookup: LookupFunction,
): Dispatcher {
  const tls = ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] };
  if (proxy === null) return new undici.Agent({ connect: { ...tls, ...(isGuarded ? { lookup } : {}) } });
  // What a name resolves to is the proxy's business. An address is checked before.
  return new undici.ProxyAgent({ uri: proxy.href, requestTls: tls, proxyTls: tls });
}

/** Connects only to addresses on the public internet. The address that is checked is the one that is used. */
const guardedLookup =
  (resolve: typeof lookUp): LookupFunction =>
  (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const [first] = found;
      if (first === undefined || found.some(({ address }) => isPrivateAddress(address))) {
        return done(refusedAddress(hostname, "resolves to an address in a private network"), "", 0);
      }
      if (options.all === true) return done(null, found);
      done(null, first.address, first.family);
    });
  };

export const refusedAddress = (host: string, why: string): AoError =>
  httpError(
    { kind: "refused-address", host },
    {
      message: `nothing was sent to ${host}, because it ${why}`,
      hint: "If that is intended, allow it in the plugin's options.",
    },
  );

/** Read each time, so that a renewed file counts. Throws CONFIG for a file of the config that is missing or is none. */
function certificates({ ca }: Pick<HttpOptions, "ca">, env: ReturnType<HttpOptions["env"]>): string[] {
  const found: string[] = [];
  // Node itself reads this one only when it starts, from the environment of whoever started the daemon.
  const extra = env.NODE_EXTRA_CA_CERTS ?? "";
  if (extra !== "" && (ca !== undefined || extra !== ownEnvironment().NODE_EXTRA_CA_CERTS))
    found.push(...(readPem(extra) ?? []));
  if (ca === undefined) return found;
  const own = readPem(ca);
  if (own !== null) return [...found, ...own];
  throw new AoError("CONFIG", `${ca} is not a file with certificates`, {
    hint: "It must be in PEM format: -----BEGIN CERTIFICATE-----",
  });
}

function readPem(file: string): string[] | null {
  try {
    return readFileSync(file, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  } catch {
    return null; // Missing or unreadable. The caller knows whether that matters.
  }
}
