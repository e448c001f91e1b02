import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { OpenOptions } from "@agent-orchestrator/core/slots/terminal";
import { pluginSession as session } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { create } from "./index.ts";

/** The user's own tmux, with one window. */
function ownTmux() {
  const socket = join(tempDir("ao-own"), "tmux");
  const env = { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", TERM: "xterm-256color" };
  const tmux = (...args: string[]) =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8", env, stdio: "pipe" });
  tmux("new-session", "-d", "-s", "work", "-n", "mine");
  onTestFinished(() => void tmux("kill-server"));
  const options: OpenOptions = {
    env: { ...env, TMUX: `${socket},1,0` },
    attach: async ({ id }) => ({
      argv: ["sh", "-c", 'echo "shows $NAME; it\'s $1"; exec cat', "sh", id],
      env: { NAME: id },
    }),
    page: async () => "unused",
  };
  return { tmux, options, windows: () => tmux("list-windows", "-F", "#{window_name}").trim().split("\n") };
}

test("a session opens in a window of its own, and is shown again instead of being opened twice", async () => {
  const { tmux, options, windows } = ownTmux();
  const terminal = create();
  const app = session({ id: "app-1" });
  expect(await terminal.isSessionOpen?.(app, options)).toBe(false);
  await terminal.openSession(app, options);
  await waitFor(() => tmux("capture-pane", "-p", "-t", "work:app-1").includes("shows app-1; it's app-1"));
  expect(await terminal.isSessionOpen?.(app, options)).toBe(true);
  tmux("select-window", "-t", "work:mine");
  await terminal.openSession(app, options);
  expect(windows()).toEqual(["mine", "app-1"]);
  expect(tmux("display-message", "-p", "#{window_name}").trim()).toBe("app-1");
});

test("several sessions get a window each", async () => {
  const { options, windows } = ownTmux();
  await create().openAll(
    [1, 2, 3].map((number) => session({ id: `app-${number}` })),
    options,
  );
  expect(windows()).toEqual(["mine", "app-1", "app-2", "app-3"]);
});

test("outside tmux it says so", async () => {
  const { options } = ownTmux();
  const { TMUX, ...env } = options.env;
  expect(TMUX).toBeDefined();
  await expect(create().openSession(session({ id: "app-1" }), { ...options, env })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    hint: expect.stringContaining("ao attach"),
  });
});
