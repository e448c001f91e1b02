import { delimiter, join } from "node:path";
import { withoutSurroundings } from "@agent-orchestrator/core/host/surroundings";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { createLoginShell } from "./login-shell.ts";

/** Set by `ao` for each session. */
const OURS = /^AO_[A-Z0-9_]*$/;

export interface Environments {
  /** Keeps the environment in which a session was requested. In memory only. */
  remember(sessionId: string, env: Record<string, string>): void;
  forget(sessionId: string): void;
  /** The environment, without marks, that a session's programs start from. */
  base(sessionId?: string): Promise<Record<string, string>>;
  /** The environment of git and the project's own commands around sessions: that of the last command about this instance. */
  around(instanceId: string): Promise<() => Record<string, string>>;
  /** The environment a session's program would start from: the caller's, else the remembered one. */
  launching(of: Launching): Promise<Record<string, string>>;
  /** Asks the login shell again and returns the problem with its answer, or null. */
  loginProblem(): Promise<string | null>;
  /** The agent's environment: the base and `AO_*`, with an `ao` first on PATH. */
  forSession(record: SessionRecord, more: { promptFile: string }): Promise<Record<string, string>>;
}

export interface Launching {
  instanceId: string;
  sessionId?: string;
  /** That of the caller who requested this launch. */
  callerEnv?: Record<string, string> | undefined;
}

export function createEnvironments(options: {
  home: string;
  binDir: string;
  /** The daemon's own environment, used to find the login shell. */
  own: Record<string, string>;
  /** Variables that an outer agent leaves behind. */
  outerMarks(): ReadonlySet<string>;
  /** That of the last command about an instance, if there was one. */
  callerEnv(instanceId: string): Record<string, string> | null;
  /** What a session's programs prove with that they belong to it. */
  proofOf(sessionId: string): string;
  /** Names of the variables that hold the secrets of plugins. */
  withheld(instanceId: string): Promise<readonly string[]>;
}): Environments {
  const remembered = new Map<string, Record<string, string>>();
  const login = createLoginShell(options.own);
  const withholding = createWithholding(options.withheld);

  const clean = (env: Record<string, string>): Record<string, string> => {
    const marks = options.outerMarks();
    const kept = Object.entries(withoutSurroundings(env)).filter(([name]) => !OURS.test(name) && !marks.has(name));
    return Object.fromEntries(kept);
  };

  async function base(sessionId?: string): Promise<Record<string, string>> {
    const known = sessionId === undefined ? undefined : remembered.get(sessionId);
    if (known !== undefined) return clean(known);
    return clean((await login.environment()) ?? options.own);
  }

  async function launching({ instanceId, sessionId, callerEnv }: Launching): Promise<Record<string, string>> {
    await withholding.refresh(instanceId);
    const env = withholding.from(instanceId, callerEnv === undefined ? await base(sessionId) : clean(callerEnv));
    return { ...env, PATH: [options.binDir, env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(delimiter) };
  }

  return {
    launching,
    remember: (sessionId, env) => void remembered.set(sessionId, env),
    forget: (sessionId) => void remembered.delete(sessionId),
    base,
    loginProblem: login.problem,
    async around(instanceId) {
      const fallback = options.callerEnv(instanceId) === null ? await base() : {};
      await withholding.refresh(instanceId);
      return () => withholding.from(instanceId, clean(options.callerEnv(instanceId) ?? fallback));
    },
    async forSession(record, { promptFile }) {
      return {
        ...(await launching({ instanceId: record.instanceId, sessionId: record.id })),
        AO_HOME: options.home,
        AO_SESSION_ID: record.id,
        AO_SESSION_PROOF: options.proofOf(record.id),
        AO_PROJECT_ID: record.projectId,
        AO_ISSUE_ID: record.task.issue?.id ?? "",
        AO_PROMPT_FILE: promptFile,
        ...portVariables(record),
      };
    },
  };
}

/** Leaves out the secrets of plugins, as last known: `around` answers at once. */
function createWithholding(withheld: (instanceId: string) => Promise<readonly string[]>) {
  const known = new Map<string, ReadonlySet<string>>();
  return {
    async refresh(instanceId: string): Promise<void> {
      known.set(instanceId, new Set(await withheld(instanceId)));
    },
    from(instanceId: string, env: Record<string, string>): Record<string, string> {
      const names = known.get(instanceId);
      return Object.fromEntries(Object.entries(env).filter(([name]) => names?.has(name) !== true));
    },
  };
}

function portVariables(record: SessionRecord): Record<string, string> {
  if (record.ports === null) return {};
  const { first, count } = record.ports;
  const numbered = Array.from({ length: count }, (_, index) => [`AO_PORT_${index}`, String(first + index)] as const);
  return { AO_PORT: String(first), ...Object.fromEntries(numbered) };
}

export const binDirOf = (home: string): string => join(home, "daemon", "bin");
