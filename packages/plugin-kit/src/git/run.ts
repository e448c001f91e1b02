import { withoutSurroundings } from "@agent-orchestrator/core/host/surroundings";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { type ExecOptions, type ExecResult, exec } from "../exec.ts";
import { FIXED, FIXED_FOR_DISPLAY } from "./settings.ts";

/** What every git call of a plugin needs. */
export interface GitHost {
  /** The user's cleaned environment. */
  env(): Record<string, string>;
  /** A private folder for short-lived files; may not exist yet. */
  scratch: string;
  clock: Clock;
  /** Inherited by programs that write, so that the next daemon can see that they still run. */
  leaseFd?: number;
  /** Where the remote is recorded that the project had before its first session. Absent: any remote counts. */
  remoteFile?: string;
}

export interface GitOptions extends Omit<ExecOptions, "env"> {
  gitDir?: string;
  workTree?: string;
  indexFile?: string;
  /** More variables, such as GIT_ALLOW_PROTOCOL. */
  extraEnv?: Record<string, string>;
  /** The output is only shown to the user, never parsed, so patches follow the user's settings. */
  isForDisplay?: boolean;
}

/** Preferences of the user that would have our own calls run something, look elsewhere or print something else. */
const DROPPED =
  /^GIT_(EXTERNAL_DIFF|DIFF_OPTS|PAGER|EDITOR|SEQUENCE_EDITOR|CEILING_DIRECTORIES|ASKPASS|MERGE_VERBOSITY|REF_PARANOIA|DEFAULT_REF_FORMAT|DEFAULT_HASH|TEMPLATE_DIR)$/;

/** Transports that git may use on our behalf: none of them names a program to run (`ext::` does). */
export const SAFE_PROTOCOLS = "file:git:http:https:ssh";

export function gitEnv(env: Record<string, string>): Record<string, string> {
  const kept = Object.entries(withoutSurroundings(env)).filter(([name]) => !DROPPED.test(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // Set and empty: no program that asks for a password is started, neither git's nor ssh's.
    GIT_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GIT_ALLOW_PROTOCOL: SAFE_PROTOCOLS,
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ADVICE: "0",
  };
}

/** Runs git, never interactively. Untrusted words in `args` must come after `--` or be full ref names. */
export function git(host: GitHost, args: readonly string[], options: GitOptions = {}): Promise<ExecResult> {
  const { gitDir, workTree, indexFile, extraEnv, isForDisplay, ...rest } = options;
  const env = {
    ...gitEnv(host.env()),
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }),
    ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
    ...extraEnv,
  };
  const lease = host.leaseFd === undefined ? {} : { leaseFd: host.leaseFd };
  const title = ["git", ...args.slice(0, 2)].join(" ");
  return exec("git", [...(isForDisplay === true ? FIXED_FOR_DISPLAY : FIXED), ...args], {
    title,
    maxBytes: 64 * 1024 * 1024,
    ...lease,
    ...rest,
    env,
  });
}

const OLDEST = [2, 25] as const;

/** `[major, minor]`. Throws UNAVAILABLE when git is missing or too old. */
export async function gitVersion(host: GitHost): Promise<[number, number]> {
  const { stdout } = await git(host, ["--version"], { timeoutMs: 10_000 });
  const match = /(\d+)\.(\d+)/.exec(stdout);
  const version: [number, number] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1])) {
    throw new AoError("UNAVAILABLE", `git ${stdout.trim()} is too old: ao needs ${OLDEST.join(".")} or newer`, {
      hint: "Install a newer git and put it first on PATH.",
    });
  }
  return version;
}
