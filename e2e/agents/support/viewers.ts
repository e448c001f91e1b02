import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Terminals of people who watch: another tmux server, with a terminal of any size for each of them. */
export class Viewers {
  readonly #dir = mkdtempSync(join(tmpdir(), "ao-viewers-"));
  #count = 0;

  /** Runs `argv` in a terminal of this size, for example an attach. Returns the terminal's name. */
  open(argv: readonly string[], [columns, rows]: readonly [number, number], env: Record<string, string>): string {
    const name = `v${++this.#count}`;
    const command = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    this.#tmux(env, "new-session", "-d", "-s", name, "-x", String(columns), "-y", String(rows), command);
    this.#tmux(env, "set-option", "-g", "status", "off");
    return name;
  }

  type(name: string, ...keys: string[]): void {
    this.#tmux({}, "send-keys", "-t", `=${name}:`, ...keys);
  }

  /** The terminal is closed, with all that runs in it. */
  close(name: string): void {
    this.#tmux({}, "kill-session", "-t", `=${name}`);
  }

  end(): void {
    if (this.#count > 0) execFileSync("sh", ["-c", 'tmux -S "$0" kill-server 2>&1 || true', this.#socket]);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#dir, "tmux");
  }

  #tmux(env: Record<string, string>, ...words: string[]): void {
    const own = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", LANG: "C.UTF-8", SHELL: "/bin/sh" };
    execFileSync("tmux", ["-S", this.#socket, "-f", "/dev/null", ...words], { env: { ...own, ...env } });
  }
}
