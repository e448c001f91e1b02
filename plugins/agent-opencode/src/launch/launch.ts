import { join } from "node:path";
import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { realFolder, workingFolder } from "@agent-orchestrator/agent-kit/launch";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import { newToken } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import type { OpenCodeOptions } from "../options.ts";
import { permissionConfig } from "./permissions.ts";
import { freePort, LOOPBACK } from "./port.ts";
import { type LaunchRecord, readRecord, USER, writeRecord } from "./record.ts";
import { NO_RULES, readUserRules } from "./user-config.ts";

/** Variables that determine where OpenCode keeps its conversations. */
const PLACES = ["HOME", "PATH", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "OPENCODE_DB"];

export interface LaunchMeans {
  options: OpenCodeOptions;
  /** The environment for a launch without one from core. */
  environment: Record<string, string>;
  /** Ports of other sessions' programs, which may not listen yet. */
  isTaken(port: number): boolean;
  warn(text: string): void;
  clock: Clock;
}

/** Null if it should continue a conversation, and there is none. */
export async function launchSpec(config: AgentLaunchConfig, means: LaunchMeans): Promise<LaunchSpec | null> {
  const { options } = means;
  const known = readRecord(config.sessionDir);
  const directory = directoryOf(config);
  const conversation = conversationOf(config, known, directory);
  if (config.resume !== undefined && conversation === null) return null;
  const environment = { ...(config.environment ?? means.environment), ...options.env };
  const record = await recordFor(config, { known, directory, conversation, environment, means });
  writeRecord(config.sessionDir, record);
  const words = [
    "--port",
    String(record.port),
    // Set even though it is the default, because the user's config may set 0.0.0.0, or announce the server on the network.
    "--hostname",
    LOOPBACK,
    "--no-mdns",
    ...(record.model === null ? [] : ["--model", record.model]),
    ...(conversation === null ? [] : ["--session", conversation]),
    ...options.args,
  ];
  return {
    argv: [options.command, ...words],
    env: await environmentOf(config, { record, environment, means }),
    paste: "bracketed",
    // We send the first prompt ourselves (see `promptFile` of the record). A continued conversation needs none.
    promptDelivered: true,
  };
}

interface Known {
  known: LaunchRecord | null;
  directory: string;
  conversation: string | null;
  environment: Record<string, string>;
  means: LaunchMeans;
}

async function recordFor(config: AgentLaunchConfig, facts: Known): Promise<LaunchRecord> {
  const { known, directory, conversation, environment, means } = facts;
  const launch = config.launch ?? null;
  // The same launch is requested again after a daemon was killed during it. Its program may already run.
  const isSame = known !== null && (launch === null ? known.conversation === conversation : known.launch === launch);
  const port = isSame && launch !== null ? known.port : await freePort(known?.port ?? null, means.isTaken);
  return {
    version: 1,
    launch,
    port,
    password: isSame ? known.password : newToken(),
    directory,
    conversation: isSame ? known.conversation : conversation,
    program: findProgram(means.options.command, environment) ?? means.options.command,
    places: Object.fromEntries(PLACES.flatMap((name) => pick(environment, name))),
    model: config.model ?? means.options.model ?? null,
    promptFile: promptFileOf(config, { known, conversation, isSame }),
    allowed: known?.allowed ?? {},
    open: isSame ? known.open : [],
  };
}

/** Sent once its server responds. As an argument, a leading sign would make it a command, and others could read it. */
function promptFileOf(
  { prompt, promptFile, sessionDir }: AgentLaunchConfig,
  { known, conversation, isSame }: { known: LaunchRecord | null; conversation: string | null; isSame: boolean },
): string | null {
  if (conversation !== null || prompt === undefined) return null;
  if (isSame && known !== null && known.promptFile === null) return null;
  if (promptFile !== undefined) return promptFile;
  const own = join(sessionDir, "opencode-prompt.md");
  atomicReplace(own, prompt, { mode: 0o600 });
  return own;
}

const pick = (environment: Record<string, string>, name: string): [string, string][] =>
  environment[name] === undefined ? [] : [[name, environment[name]]];

/** Throws REFUSED rather than continue a conversation in another folder than the one it was started in. */
function conversationOf(config: AgentLaunchConfig, known: LaunchRecord | null, directory: string): string | null {
  if (config.resume === undefined) return null;
  const wanted = config.resume.agentSessionId ?? known?.conversation ?? null;
  if (wanted === null || known === null) return null;
  if (known.directory === directory) return wanted;
  throw new AoError("REFUSED", `the conversation ${wanted} belongs to ${known.directory}, not to ${directory}`, {
    hint: "Start a new session there.",
  });
}

/** Where the program works, as it sees that itself. */
const directoryOf = (config: AgentLaunchConfig): string => realFolder(workingFolder(config));

interface Parts {
  record: LaunchRecord;
  environment: Record<string, string>;
  means: LaunchMeans;
}

async function environmentOf(
  config: AgentLaunchConfig,
  { record, environment, means }: Parts,
): Promise<Record<string, string>> {
  const own = parseJson(environment.OPENCODE_CONFIG_CONTENT ?? "");
  const ours = await configContent(config, { record, environment, means });
  return {
    ...means.options.env,
    OPENCODE_SERVER_USERNAME: USER,
    OPENCODE_SERVER_PASSWORD: record.password,
    // An update while it runs would replace its files before the next tool call.
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    ...(Object.keys(ours).length === 0
      ? {}
      : { OPENCODE_CONFIG_CONTENT: JSON.stringify(merged(isObject(own) ? own : {}, ours)) }),
  };
}

/** What we add to the user's config for this one program. Their own files are not changed. */
async function configContent(
  config: AgentLaunchConfig,
  { record, environment, means }: Parts,
): Promise<Record<string, unknown>> {
  const { options } = means;
  const user = await readUserRules(record.program, {
    cwd: record.directory,
    env: environment,
    key: config.projectConfig.path,
    clock: means.clock,
  });
  if (user === null) means.warn(`opencode did not tell the user's own permission rules for ${config.sessionId}`);
  const mode = config.permissions ?? options.permissions;
  const { allow } = options;
  return {
    ...permissionConfig({ mode, allow, allowed: record.allowed, user: user ?? NO_RULES }),
    ...(config.instructions === undefined ? {} : { instructions: [config.instructions.file] }),
    ...(record.model === null ? {} : { model: record.model }),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Merges as OpenCode does: objects key by key, lists of instructions appended, otherwise the later value. */
export function merged(first: Record<string, unknown>, second: Record<string, unknown>): Record<string, unknown> {
  const out = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = out[key];
    if (isObject(before) && isObject(value)) out[key] = merged(before, value);
    else if (Array.isArray(before) && Array.isArray(value)) out[key] = [...new Set([...before, ...value])];
    else out[key] = value;
  }
  return out;
}
