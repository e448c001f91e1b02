import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makeTempDir, removeDir } from "./temp-dir.ts";
import { waitFor } from "./wait-for.ts";

/** A program on a terminal of its own, whose screen can be read: a pane of a private tmux. */
export interface TmuxScreen {
  /** The lines of the screen, without trailing blanks. With colours as escape sequences if asked. */
  text(options?: { colours?: boolean }): string;
  /** Types keys by their tmux names (`Enter`, `C-c`), or letters. All of them arrive at once. */
  keys(...names: string[]): void;
  /** Types a text as it is. */
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until the screen shows this. */
  shows(what: string | RegExp, timeoutMs?: number): Promise<void>;
  close(): void;
}

interface Options {
  argv: readonly string[];
  cwd: string;
  env: Record<string, string>;
  columns?: number;
  rows?: number;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** When the program ends, the screen shows `[ended 0]` with its exit status. */
export function tmuxScreen({ argv, cwd, env, columns = 80, rows = 24 }: Options): TmuxScreen {
  const dir = makeTempDir("ao-screen");
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", join(dir, "tmux"), "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const set = Object.entries({ TERM: "tmux-256color", ...env }).map(([name, value]) => `${name}=${value}`);
  const command = ["env", "-i", ...set, ...argv].map(quote).join(" ");
  const size = ["-x", String(columns), "-y", String(rows)];
  tmux("new-session", "-d", "-s", "s", ...size, "-c", cwd, `${command}; echo "[ended $?]"; cat`);
  const text = ({ colours = false } = {}): string => {
    const lines = tmux("capture-pane", "-p", "-t", "s", ...(colours ? ["-e"] : []));
    return lines.replace(/[ \n]+$/, "");
  };
  return {
    text,
    keys: (...names) => void tmux("send-keys", "-t", "s", ...names),
    type: (words) => void tmux("send-keys", "-t", "s", "-l", words),
    resize: (width, height) => void tmux("resize-window", "-t", "s", "-x", String(width), "-y", String(height)),
    async shows(what, timeoutMs = 20_000) {
      const isThere = () => (typeof what === "string" ? text().includes(what) : what.test(text()));
      await waitFor(isThere, { what: `the screen to show ${what}`, timeoutMs, intervalMs: 30 }).catch(
        (error: Error) => {
          throw new Error(`${error.message}\n${text()}`);
        },
      );
    },
    close() {
      try {
        tmux("kill-server");
      } catch {
        // it has ended by itself
      }
      removeDir(dir);
    },
  };
}
