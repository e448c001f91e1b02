import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, beforeEach, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

let home: string;
let env: Record<string, string>;

/** A newcomer: an empty home, `ao` on PATH, a name in git's config, and nothing else. */
beforeEach(() => {
  home = makeTempDir("ao-docs");
  mkdirSync(join(home, "bin"));
  symlinkSync(join(root, "packages/cli/bin/ao.js"), join(home, "bin/ao"));
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = New Comer\n\temail = new@example.invalid\n");
  const path = `${join(home, "bin")}:${process.env.PATH}`;
  // Otherwise a shell writes its history as it ends, while the home is being removed.
  env = { HOME: home, PATH: path, SHELL: "/bin/sh", TERM: "xterm-256color", HISTFILE: "" };
});

afterEach(() => {
  ao("stop", "--sessions", "--yes");
  endTmux(join(home, ".agent-orchestrator/daemon/tmux"));
  endTmux(terminal());
  removeDir(home);
});

/** The terminal of a test: a tmux server that `ao` does not know. */
const terminal = (): string => join(home, "terminal");

/** The tmux server of this home keeps running while it shows what an ended agent printed. */
function endTmux(socket: string): void {
  if (!existsSync(socket)) return;
  try {
    execFileSync("tmux", ["-S", socket, "kill-server"], { env, stdio: "pipe" });
  } catch {
    // it had ended already, as it does when it has nothing left to show
  }
}

const sh = (script: string, cwd = home): string =>
  execFileSync("sh", ["-eu", "-c", script], { cwd, env, encoding: "utf8", stdio: "pipe", timeout: 90_000 });

const ao = (...args: string[]): string =>
  execFileSync("ao", args, { cwd: home, env, encoding: "utf8", stdio: "pipe", timeout: 60_000 });

/** As a stranger would have it, with nothing of `ao` installed next to it. */
const copyExample = (name: string, into: string): void =>
  cpSync(join(root, "examples", name), into, { recursive: true, filter: (path) => !path.includes("node_modules") });

const firstSession = (): string =>
  String(/<!-- e2e\/docs\.long\.test\.ts runs this -->\n\n```sh\n([\s\S]*?)```/.exec(read("README.md"))?.[1]);

it("the README's first session goes from an empty folder to a merged branch, exactly as written", () => {
  const printed = sh(firstSession());
  expect(printed).toContain("note-1 is merged");
  expect(printed).toContain("+Water the plants.");
  expect(readFileSync(join(home, "notes/notes.txt"), "utf8")).toBe("Water the plants.\n");
});

/** A bare terminal with an interactive bash. */
function openTerminal(inputrc: string) {
  writeFileSync(join(home, "inputrc"), inputrc);
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", terminal(), "-f", "/dev/null", ...args], {
      cwd: home,
      env: { ...env, INPUTRC: join(home, "inputrc"), PS1: "ready$ " },
      encoding: "utf8",
      stdio: "pipe",
    });
  tmux("new-session", "-d", "-x", "100", "-y", "200", "-c", home, "bash --noprofile --norc -i");
  return { tmux, screen: () => tmux("capture-pane", "-p", "-S", "-") };
}

it.each([
  ["with bracketed paste", "set enable-bracketed-paste on\n"],
  ["without bracketed paste", "set enable-bracketed-paste off\n"],
])("the README's first session can be pasted into a terminal in one go, %s", async (_, inputrc) => {
  const { tmux, screen } = openTerminal(inputrc);
  await waitFor(() => screen().includes("ready$"), { what: "the shell" });
  writeFileSync(join(home, "block"), firstSession());
  tmux("load-buffer", join(home, "block"));
  tmux("paste-buffer", "-p");
  tmux("send-keys", "Enter");
  await waitFor(() => /note-1 is merged/.test(screen()) && /note-1 .*merged/.test(screen()), {
    timeoutMs: 90_000,
    what: "the merge",
  });
  expect(screen()).not.toMatch(/ignored|\[y\/N\]|command not found/);
  expect(readFileSync(join(home, "notes/notes.txt"), "utf8")).toBe("Water the plants.\n");
});

it("the plugin of CONTRIBUTING.md is loaded from its file and notifies", () => {
  const repo = repoAt(join(home, "project"), { "README.md": "# project\n" });
  copyExample("notifier-file", repo.path);
  sh("ao trust", repo.path);
  expect(sh("ao plugin list", repo.path)).toMatch(/notifier\s+file\b.*notify-file\.ts/);
  sh("ao notify test file", repo.path);
  expect(readFileSync(join(home, "ao-notices.txt"), "utf8")).toMatch(/ action: ao: this is a test/);
});

it.runIf(existsSync("/proc/self/stat"))("the example runtime runs a session", async () => {
  const repo = repoAt(join(home, "project"), { "README.md": "# project\n" });
  copyExample("runtime-fifo", repo.path);
  sh("ao trust", repo.path);
  sh('ao spawn demo --prompt "Say hello"', repo.path);
  await waitFor(() => ao("show", "demo-1").includes("Say hello"), { what: "the agent's output" });
  sh('ao send demo-1 "more" --no-wait', repo.path);
  await waitFor(() => ao("show", "demo-1").includes("got: more"), { timeoutMs: 20_000, what: "the agent's answer" });
});
