import { delimiter, join } from "node:path";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { exec } from "@agent-orchestrator/plugin-kit/exec";

/** Names that never reach a session: tmux's, our own, and the tokens given to `ao` itself. */
const OURS = /^(AO_[A-Z0-9_]*|TMUX|TMUX_PANE|TMUX_TMPDIR)$/;

export interface Environments {
  /** Keeps the environment a session was asked for with. In memory only. */
  remember(sessionId: string, env: Record<string, string>): void;
  forget(sessionId: string): void;
  /** Without marks: what a session's programs start from. */
  base(sessionId?: string): Promise<Record<string, string>>;
  /** What git and the project's own commands around sessions get: as in the last command about this instance. */
  around(instanceId: string): Promise<() => Record<string, string>>;
  /** What a program of a session would start from: in the caller's environment, else in the remembered one. */
  launching(of: Launching): Promise<Record<string, string>>;
  /** What the agent gets: base plus `AO_*`, with an `ao` first on PATH. */
  forSession(record: SessionRecord, more: { promptFile: string }): Promise<Record<string, string>>;
}

export interface Launching {
  instanceId: string;
  sessionId?: string;
  /** Of the caller who asks for this launch. */
  callerEnv?: Record<string, string> | undefined;
}

export function createEnvironments(options: {
  home: string;
  binDir: string;
  /** The daemon's own environment, used to find the login shell. */
  own: Record<string, string>;
  /** Names an outer agent leaves behind. */
  outerMarks(): ReadonlySet<string>;
  /** Of the last command about an instance, where there was one. */
  callerEnv(instanceId: string): Record<string, string> | null;
  /** Names of the tokens given to ao itself. */
  withheld(instanceId: string): readonly string[];
}): Environments {
  const remembered = new Map<string, Record<string, string>>();
  let login: Promise<Record<string, string>> | null = null;

  const clean = (env: Record<string, string>): Record<string, string> => {
    const marks = options.outerMarks();
    return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name) && !marks.has(name)));
  };

  async function base(sessionId?: string): Promise<Record<string, string>> {
    const known = sessionId === undefined ? undefined : remembered.get(sessionId);
    if (known !== undefined) return clean(known);
    login ??= loginEnvironment(options.own);
    return clean(await login);
  }

  async function launching({ instanceId, sessionId, callerEnv }: Launching): Promise<Record<string, string>> {
    const env = callerEnv === undefined ? await base(sessionId) : clean(callerEnv);
    for (const name of options.withheld(instanceId)) delete env[name];
    return { ...env, PATH: [options.binDir, env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(delimiter) };
  }

  return {
    launching,
    remember: (sessionId, env) => void remembered.set(sessionId, env),
    forget: (sessionId) => void remembered.delete(sessionId),
    base,
    async around(instanceId) {
      const fallback = options.callerEnv(instanceId) === null ? await base() : {};
      return () => clean(options.callerEnv(instanceId) ?? fallback);
    },
    async forSession(record, { promptFile }) {
      return {
        ...(await launching({ instanceId: record.instanceId, sessionId: record.id })),
        AO_HOME: options.home,
        AO_SESSION_ID: record.id,
        AO_PROJECT_ID: record.projectId,
        AO_ISSUE_ID: record.task.issue?.id ?? "",
        AO_PROMPT_FILE: promptFile,
        ...portVariables(record),
      };
    },
  };
}

function portVariables(record: SessionRecord): Record<string, string> {
  if (record.ports === null) return {};
  const { first, count } = record.ports;
  const numbered = Array.from({ length: count }, (_, index) => [`AO_PORT_${index}`, String(first + index)] as const);
  return { AO_PORT: String(first), ...Object.fromEntries(numbered) };
}

/** What the user's login shell exports: the fallback after a restart, when nobody handed an environment over. */
async function loginEnvironment(own: Record<string, string>): Promise<Record<string, string>> {
  const shell = own.SHELL ?? "/bin/sh";
  try {
    const result = await exec(shell, ["-l", "-c", "env -0"], { env: own, timeoutMs: 5_000, maxBytes: 1024 * 1024 });
    const entries = result.stdout.split("\0").filter((entry) => entry.includes("="));
    return Object.fromEntries(entries.map((entry) => splitOnce(entry)));
  } catch {
    return own; // a broken profile must not keep sessions from starting
  }
}

function splitOnce(entry: string): [string, string] {
  const cut = entry.indexOf("=");
  return [entry.slice(0, cut), entry.slice(cut + 1)];
}

export const binDirOf = (home: string): string => join(home, "daemon", "bin");
