import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";

export interface TmuxTerminal extends AgentTerminal {
  start(argv: readonly string[], where: { cwd: string; env: Readonly<Record<string, string>> }): void;
  /** Types as a person would. */
  type(...keys: string[]): void;
  text(): string;
  isDead(): boolean;
}

/** One pane of the test's own tmux server. `tellsPaste`: whether it reports bracketed paste, which not every runtime does. */
export function tmuxTerminal({ tellsPaste }: { tellsPaste: boolean }): TmuxTerminal {
  const dir = tempDir("ao-aider-tmux");
  const socket = join(dir, "tmux");
  const printed = join(dir, "printed");
  const written = new Set<string>();
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", HOME: "/nonexistent" },
    });
  let isStarted = false;
  onTestFinished(() => {
    if (isStarted) tmux("kill-server");
  });
  const capture = (): string[] =>
    tmux("capture-pane", "-p", "-t", "=s:")
      .split("\n")
      .map((row) => row.trimEnd());
  return {
    start(argv, { cwd, env }) {
      const assigned = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const line = `exec ${shellJoin(["env", "-i", ...assigned, ...argv])}`;
      if (isStarted) tmux("respawn-pane", "-k", "-c", cwd, "-t", "=s:", line);
      else tmux("new-session", "-d", "-s", "s", "-x", "100", "-y", "40", "-c", cwd, line);
      isStarted = true;
      tmux("set-option", "-g", "remain-on-exit", "on");
      writeFileSync(printed, "");
      tmux("pipe-pane", "-t", "=s:", `cat >>${printed}`);
    },
    type: (...keys) => void tmux("send-keys", "-t", "=s:", ...keys),
    text: () => capture().join("\n"),
    isDead: () => tmux("display-message", "-p", "-t", "=s:", "#{pane_dead}").trim() === "1",
    async screen() {
      const [column = "0", row = "0"] = tmux("display-message", "-p", "-t", "=s:", "#{cursor_x} #{cursor_y}").split(
        " ",
      );
      const cursor = { column: Number(column), row: Number(row) };
      const isPasteBracketed = tellsPaste
        ? readFileSync(printed, "utf8").lastIndexOf("\u001b[?2004h") >
          readFileSync(printed, "utf8").lastIndexOf("\u001b[?2004l")
        : null;
      return { rows: capture(), styledRows: null, cursor, title: null, isPasteBracketed };
    },
    async write({ id, text }) {
      if (written.has(id)) return;
      written.add(id);
      writeFileSync(join(dir, "message"), text);
      tmux("load-buffer", "-b", "message", join(dir, "message"));
      tmux("paste-buffer", "-p", "-r", "-d", "-b", "message", "-t", "=s:");
      tmux("send-keys", "-t", "=s:", "Enter");
    },
    async press(keys) {
      for (const key of keys) {
        if (typeof key === "string") tmux("send-keys", "-t", "=s:", key);
        else tmux("send-keys", "-l", "-t", "=s:", "--", key.char);
      }
    },
  };
}
