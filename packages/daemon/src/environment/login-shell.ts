import { newId } from "@agent-orchestrator/core/host/ids";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";

type Env = Record<string, string>;

export interface LoginShell {
  /** What the user's login shell exports. Null if it gives no answer, for whatever reason. Asked once. */
  environment(): Promise<Env | null>;
  /** Runs the shell again and returns the problem. Null if there is none. */
  problem(): Promise<string | null>;
}

const DEADLINE_MS = 5_000;

/** Used after a restart, for sessions that have no caller's environment. */
export function createLoginShell(own: Env): LoginShell {
  let asked: Promise<Answer> | null = null;
  return {
    async environment() {
      asked ??= ask(own);
      return (await asked).env;
    },
    async problem() {
      const answer = ask(own);
      asked = answer;
      return (await answer).problem;
    },
  };
}

type Answer = { env: Env; problem: null } | { env: null; problem: string };

/**
 * Profiles print, replace the shell, or start other programs. So Node itself prints its environment between two marks that
 * nothing else knows, and everything outside of them is ignored.
 */
async function ask(own: Env): Promise<Answer> {
  const shell = own.SHELL || "/bin/sh";
  const id = newId();
  const mark = `ao-${id}`;
  // The mark is put together there, so that a shell that prints the line it runs doesn't print the mark.
  const script = `const m=["ao","${id}"].join("-");process.stdout.write(m+JSON.stringify(process.env)+m)`;
  const line = `${shellQuote(process.execPath)} -e ${shellQuote(script)}`;
  const env = { ...own, AO_RESOLVING_ENVIRONMENT: "1" };
  try {
    const limits = { timeoutMs: DEADLINE_MS, maxBytes: 4 * 1024 * 1024, cwd: own.HOME || "/" };
    const { stdout } = await exec(shell, ["-l", "-c", line], { env, ...limits, title: `${shell} -l` });
    const [, framed, after] = stdout.split(mark);
    if (framed !== undefined && after !== undefined) return { env: JSON.parse(framed) as Env, problem: null };
    return {
      env: null,
      problem: `${shell} -l ended without running its command (does your profile \`exec\` something?)`,
    };
  } catch (error) {
    return { env: null, problem: toAoError(error).message };
  }
}
