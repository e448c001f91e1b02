import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";

export interface OuterTerminal {
  /** Opens a terminal of this size with the program in it, and returns its name. */
  open(argv: readonly string[], size: { columns: number; rows: number }): string;
  type(name: string, ...keys: string[]): void;
  /** The prefix and then d, typed as slowly as a person would. Keys within a millisecond count as a paste, in which nothing is a prefix. */
  leave(name: string): void;
  screen(name: string): string;
  tmux(...args: string[]): string;
}

/** A user's terminals: another tmux server, which is also what "inside the user's own tmux" means. */
export function outerTerminal(): OuterTerminal {
  const socket = join(tempDir("ao-outer"), "tmux");
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent", LANG: "C.UTF-8", SHELL: "/bin/sh" };
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8", stdio: "pipe", env });
  let count = 0;
  onTestFinished(() => {
    if (count > 0 && existsSync(socket)) execFileSync("sh", ["-c", 'tmux -S "$0" kill-server 2>&1 || true', socket]);
  });
  const type = (name: string, ...keys: string[]): void => void tmux("send-keys", "-t", `=${name}:`, ...keys);
  return {
    tmux,
    type,
    leave(name) {
      type(name, "C-b");
      type(name, "d");
    },
    open(argv, { columns, rows }) {
      const name = `t${++count}`;
      tmux("new-session", "-d", "-s", name, "-x", String(columns), "-y", String(rows), shellJoin(argv));
      tmux("set-option", "-g", "status", "off");
      tmux("set-option", "-g", "remain-on-exit", "on");
      return name;
    },
    screen: (name) => tmux("capture-pane", "-p", "-S", "-", "-t", `=${name}:`),
  };
}
