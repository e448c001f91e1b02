import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";

/** What somebody without `ao` types: worktrees, and sessions on a separate tmux server. */
export class ByHand {
  readonly dir = makeTempDir("ao-bench-hand");
  readonly log = join(this.dir, "agent.log");
  readonly #repo: TempRepo;
  #count = 0;

  constructor(files: Record<string, string>) {
    this.#repo = repoAt(join(this.dir, "app"), files);
  }

  get env(): Record<string, string> {
    return { ...this.#repo.env, BENCH_LOG: this.log, AO_SESSION_ID: "hand", SHELL: "/bin/sh", TERM: "xterm-256color" };
  }

  /** One worktree and one session in it, with this agent (and what its shell says when it has ended). Answers the session's name. */
  start(agent: "idle.sh" | "listener.mjs", options: { afterwards?: string } = {}): string {
    this.#count += 1;
    const name = `hand-${this.#count}`;
    const path = join(this.dir, name);
    execFileSync("git", ["worktree", "add", "--quiet", "-b", name, path], { cwd: this.#repo.path, env: this.env });
    const file = fileURLToPath(new URL(`../agents/${agent}`, import.meta.url));
    const program = agent === "idle.sh" ? "/bin/sh" : process.execPath;
    const { afterwards } = options;
    const command =
      afterwards === undefined
        ? [program, file]
        : ["/bin/sh", "-c", `"$0" "$1"; ${afterwards} >> "$BENCH_LOG"`, program, file];
    this.tmux("new-session", "-d", "-s", name, "-c", path, ...command);
    return name;
  }

  tmux(...args: string[]): string {
    return execFileSync("tmux", ["-S", join(this.dir, "tmux"), "-f", "/dev/null", ...args], {
      env: this.env,
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  agentLines(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").split("\n").slice(0, -1) : [];
  }

  async untilLines(count: number, what: string): Promise<void> {
    await waitFor(() => this.agentLines().length >= count, { what, timeoutMs: 60_000, intervalMs: 2 });
  }

  close(): void {
    try {
      this.tmux("kill-server");
    } catch {
      // none was started
    }
    removeDir(this.dir);
  }
}
