import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { DockerOptions } from "./options.ts";

export const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Where the engine listens: `unix:///…` or `tcp://…`. */
export function engineAddress(options: Pick<DockerOptions, "host">, env: Record<string, string>): string {
  const asked = options.host ?? env.DOCKER_HOST ?? contextInUse(env);
  if (asked === undefined || asked === "" || asked === "default") return `unix://${DEFAULT_SOCKET}`;
  if (asked.includes("://")) return asked;
  const address = contextAddress(asked, env);
  if (address !== null) return address;
  throw new AoError("CONFIG", `there is no docker context \`${asked}\``, {
    hint: "`docker context ls` shows those that there are. An address begins with unix:// or tcp://.",
  });
}

const settingsOf = (env: Record<string, string>): string => env.DOCKER_CONFIG ?? join(env.HOME ?? "/", ".docker");

function contextInUse(env: Record<string, string>): string | undefined {
  if (env.DOCKER_CONTEXT !== undefined) return env.DOCKER_CONTEXT;
  const found = json(join(settingsOf(env), "config.json"))?.currentContext;
  return typeof found === "string" ? found : undefined;
}

function contextAddress(name: string, env: Record<string, string>): string | null {
  const metas = join(settingsOf(env), "contexts/meta");
  for (const folder of existsSync(metas) ? readdirSync(metas) : []) {
    const meta = json(join(metas, folder, "meta.json"));
    if (meta?.Name !== name) continue;
    const host = (meta.Endpoints as { docker?: { Host?: unknown } } | undefined)?.docker?.Host;
    if (typeof host === "string") return host;
  }
  return null;
}

function json(file: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return null; // Docker's own settings. Without them it uses the default.
  }
}

type Client = import("dockerode");

/** A Docker engine. Its client is loaded when it is first asked. */
export interface Engine {
  address: string;
  /** Its failures are told in words. */
  ask<T>(question: (client: Client) => Promise<T>): Promise<T>;
  /** The same, and null if there is no such container, image or network. */
  find<T>(question: (client: Client) => Promise<T>): Promise<T | null>;
}

export function engineAt(address: string): Engine {
  let client: Promise<Client> | undefined;
  async function ask<T>(question: (client: Client) => Promise<T>): Promise<T> {
    try {
      client ??= connect(address);
      return await question(await client);
    } catch (error) {
      throw toEngineError(error, address);
    }
  }
  return {
    address,
    ask,
    async find(question) {
      try {
        return await ask(question);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };
}

const statusOf = (error: unknown): number | undefined =>
  (error as { cause?: { statusCode?: number } }).cause?.statusCode;
export const isMissing = (error: unknown): boolean => statusOf(error) === 404;
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;

export const engineFor = (options: DockerOptions, context: PluginContext): Engine =>
  engineAt(engineAddress(options, context.env()));

async function connect(address: string): Promise<Client> {
  const { default: Docker } = await import("dockerode");
  const url = new URL(address);
  if (url.protocol === "unix:") return new Docker({ socketPath: url.pathname });
  if (url.protocol === "tcp:" || url.protocol === "http:")
    return new Docker({ protocol: "http", host: url.hostname, port: url.port || "2375" });
  throw new AoError("UNAVAILABLE", `engines at ${address} are not supported by this release`, {
    hint: "Use unix:// or tcp://.",
  });
}

const NOT_THERE = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EHOSTUNREACH", "EPIPE"]);

export function toEngineError(error: unknown, address: string): AoError | unknown {
  const {
    code,
    statusCode,
    reason,
    json: body,
  } = error as {
    code?: string;
    statusCode?: number;
    reason?: string;
    json?: { message?: string };
  };
  if (code === "EACCES") {
    return new AoError("UNAVAILABLE", `you may not use the Docker engine at ${address}`, {
      hint: "Add yourself to the group of its socket (`sudo usermod -aG docker $USER`), then log in again.",
      cause: error,
    });
  }
  if (code !== undefined && NOT_THERE.has(code)) {
    return new AoError("UNAVAILABLE", `no Docker engine answers at ${address}`, {
      hint: "Start it (`sudo systemctl start docker`, or Docker Desktop), or set `host:` of the runtime.",
      cause: error,
    });
  }
  if (statusCode === undefined) return error;
  const said = body?.message ?? reason ?? `status ${statusCode}`;
  return new AoError(statusCode === 404 ? "NOT_FOUND" : "FAILED", `the Docker engine says: ${said.trim()}`, {
    cause: error,
  });
}
