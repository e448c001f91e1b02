import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { type ExecResult, exec } from "@agent-orchestrator/plugin-kit/exec";

export interface GitCall {
  /** Default: the project's repository. */
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
  okExits?: readonly number[];
  timeoutMs?: number;
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface Git {
  (args: readonly string[], call?: GitCall): Promise<ExecResult>;
  /** The one line that the command prints. */
  line(args: readonly string[], call?: GitCall): Promise<string>;
}

/** Never a hook, a signature, a prompt, a pager, an external diff or housekeeping: this git works unseen. */
const SAFE = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.quotePath", "false"],
  ["commit.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["merge.autoStash", "false"],
  ["submodule.recurse", "false"],
  ["color.ui", "false"],
].flatMap(([key, value]) => ["-c", `${key}=${value}`]);

export function createGit(context: PluginContext, repository: string): Git {
  const run = (args: readonly string[], call: GitCall = {}): Promise<ExecResult> => {
    const { cwd, env, ...rest } = call;
    return exec("git", ["--no-pager", "--literal-pathspecs", ...SAFE, ...args], {
      ...rest,
      cwd: cwd ?? repository,
      env: { ...gitEnvironment(context.env()), ...env },
    });
  };
  const line = async (args: readonly string[], call?: GitCall) => (await run(args, call)).stdout.trimEnd();
  return Object.assign(run, { line });
}

/** Identity and proxies stay; what points git at another repository or another configuration of this call goes. */
export function gitEnvironment(env: Record<string, string>): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !name.startsWith("GIT_") || /^GIT_(AUTHOR|COMMITTER|SSH|CONFIG_(NOSYSTEM|GLOBAL|SYSTEM)$|EXEC)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_EDITOR: "true",
    GIT_PAGER: "cat",
  };
}

/** What git printed on stderr, of a call that failed. */
export function gitMessage(error: unknown): string {
  if (!isAoError(error)) return String(error);
  return typeof error.details?.stderr === "string" ? error.details.stderr : error.message;
}
