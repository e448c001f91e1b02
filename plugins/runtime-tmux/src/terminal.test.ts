import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { bench } from "./testing/bench.ts";
import { outerTerminal } from "./testing/outer-terminal.ts";

/** How long to wait for something that must not happen. */
const timePasses = (ms: number) => {
  const end = performance.now() + ms;
  return waitFor(() => performance.now() > end);
};

test("the program gets its own environment, folder and arguments, and nothing of ours or tmux's", async () => {
  const { runtime, start, workspacePath } = bench();
  const names = 'printf "%s " $(env -0 | tr "\\n\\0" "  " | tr " " "\\n" | grep = | sed "s/=.*//" | sort)';
  const script = `pwd; printf "<%s>\\n" "$1" "$SECRET" "$EMPTY"; ${names}`;
  const own = { PATH: "/usr/bin:/bin", SECRET: "it's \n $HOME `id` \\ é", EMPTY: "" };
  const environment = { ...own, UID: "7", TERM: "dumb", IFS: "x", TMUX: "/outer,1,0", "not a name": "x" };
  const handle = await start(["/bin/sh", "-c", script, "sh", "a 'b' $c;"], { environment });
  await waitFor(async () => !(await runtime.isAlive(handle)));
  const output = (await runtime.getOutput(handle)).split("\n");
  expect(output.slice(0, -1)).toEqual([workspacePath, "<a 'b' $c;>", "<it's", " $HOME `id` \\ é>", "<>"]);
  expect(output.at(-1)).toBe("AO_RUNTIME_ID COLORTERM EMPTY PATH PWD SECRET TERM");
});

test("no secret appears on a command line, in tmux's environment or in a file that stays", async () => {
  const { start, context, tmux, runtime } = bench();
  const handle = await start(["sleep", "100"], { environment: { ...context.env(), TOKEN: "s3cret-canary" } });
  const { pid } = await runtime.getProcess(handle);
  await waitFor(() => readFileSync(`/proc/${pid}/environ`, "utf8").includes("s3cret-canary"));
  const pane = tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{pane_pid}").trim();
  const server = tmux("display-message", "-p", "#{pid}").trim();
  for (const file of [`${pane}/cmdline`, `${pane}/environ`, `${server}/cmdline`, `${server}/environ`]) {
    expect(readFileSync(join("/proc", file), "utf8")).not.toContain("s3cret-canary");
  }
  expect(tmux("show-environment", "-g") + tmux("show-environment", "-t", `=${handle.id}:`)).not.toContain("s3cret");
  expect(() => execFileSync("grep", ["-rq", "s3cret-canary", context.stateDir])).toThrow();
  for (const file of readdirSync(join(context.stateDir, "run"))) {
    expect(statSync(join(context.stateDir, "run", file)).mode & 0o077 & ~0o044).toBe(0);
  }
});

test("nothing in a title, a path, a home or a program's arguments becomes a format, a key or a second command", async () => {
  const dir = tempDir();
  const canary = join(dir, "canary");
  const evil = `a '"; touch ${canary.replaceAll("/", "\\057")}; #(touch x) #{pid} $(touch y) \`touch z\` ; kill-server;`;
  const home = join(dir, "h #(touch canary) #{pid} 'q' \"d\" $(touch canary) {b} ; kill-server ;");
  const workspacePath = join(home, "wt #(touch canary);");
  mkdirSync(workspacePath, { recursive: true });
  const { runtime, start, tmux } = bench({ home, stateDir: join(home, "plugin"), socketDir: dir });
  const title = `#(touch ${canary}) #{pid} #[fg=red] ; kill-server ; ${evil}\u001b]0;x\u0007`;
  const script =
    'printf "%s\\n" "$1"; pwd; printf "\\033]0;#(touch canary)\\007\\033k#(touch canary)\\033\\\\"; exec cat';
  const handle = await start(["sh", "-c", script, "sh", `#(touch ${canary}) ${evil}`], { title, workspacePath });
  await waitFor(async () => (await runtime.getOutput(handle)).includes("wt #(touch canary);"));
  const outer = outerTerminal();
  const name = outer.open((await runtime.getAttachInfo(handle)).argv, { columns: 150, rows: 20 });
  await waitFor(() => outer.screen(name).includes("detach: C-b d"));
  await runtime.ring(handle, `#(touch ${canary}) #{pid} ; kill-server`);
  await waitFor(() => outer.screen(name).includes("(touch"));
  expect(
    execFileSync("find", [dir, workspacePath, "-name", "canary", "-o", "-name", "[xyz]"], { encoding: "utf8" }),
  ).toBe("");
  expect(existsSync(canary)).toBe(false);
  expect(tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{window_name}").trim()).toBe("agent");
  expect(await runtime.isAlive(handle)).toBe(true);
});

test.each(["", "a.b", "a:b", "../x", "x;y", "#(id)", "a b", "=x", "ä"])(
  "a session cannot be called %j",
  async (sessionId) => {
    const { start } = bench();
    await expect(start(["cat"], { sessionId, instanceId: "" })).rejects.toMatchObject({ code: "USAGE" });
  },
);

test("two users with terminals of different sizes watch and type, inside their own tmux, and leave without a trace", async () => {
  const { runtime, start, tmux } = bench();
  const program = terminalProgram(tempDir(), "raw");
  const handle = await start(program.argv);
  const outer = outerTerminal();
  const { argv, detachHint, detachKeys } = await runtime.getAttachInfo(handle);
  expect(detachHint).toContain("Ctrl-b d");
  expect(detachKeys).toEqual(["C-b", "d"]);
  const small = outer.open(argv, { columns: 80, rows: 24 });
  const large = outer.open(argv, { columns: 180, rows: 50 });
  await waitFor(() => [small, large].every((name) => outer.screen(name).includes("ready>")));
  outer.type(large, "l");
  await waitFor(() => program.got() === "l");
  await waitFor(() => tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{window_width}").trim() === "180");
  outer.type(small, "s");
  await waitFor(() => program.got() === "ls");
  await waitFor(() => tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{window_width}").trim() === "80");
  outer.leave(small);
  await waitFor(() => outer.screen(small).includes("[detached"));
  outer.leave(large);
  await waitFor(() => outer.screen(large).includes("[detached"));
  expect(await runtime.isAlive(handle)).toBe(true);
  expect(outer.tmux("list-sessions", "-F", "#{session_name}")).toBe(`${small}\n${large}\n`);
});

test("typing in an attached terminal is reported, but watching, scrolling, leaving and our own messages are not", async () => {
  const { runtime, start } = bench();
  const program = terminalProgram(tempDir(), "bracketed");
  const handle = await start(program.argv);
  const seen: RuntimeFact[] = [];
  const { stop } = await runtime.watch(handle, (fact) => void seen.push(fact));
  onTestFinished(stop);
  const typed = () => seen.filter((fact) => fact.kind === "human-input");
  const outer = outerTerminal();
  const { argv } = await runtime.getAttachInfo(handle);
  const watcher = outer.open(argv, { columns: 100, rows: 30 });
  await waitFor(() => outer.screen(watcher).includes("ready>"));
  await runtime.sendMessage(handle, "from ao");
  outer.type(watcher, "C-b");
  outer.type(watcher, "[");
  await timePasses(2_500);
  outer.type(watcher, "q");
  await timePasses(1_500);
  outer.leave(watcher);
  await waitFor(() => outer.screen(watcher).includes("[detached"));
  expect(typed()).toEqual([]);
  const writer = outer.open(argv, { columns: 100, rows: 30 });
  await waitFor(() => outer.screen(writer).includes("ready>"));
  await waitFor(
    () => {
      if (typed().length === 0) outer.type(writer, "h");
      return typed().length > 0;
    },
    { intervalMs: 300 },
  );
});

test("the user's settings are read, but cannot change what sessions need to survive", async () => {
  const { runtime, start, context, tmux } = bench();
  writeFileSync(
    join(context.home, "tmux.conf"),
    "set -g prefix C-a\nunbind d\nbind q detach-client\nset -g remain-on-exit off\nset -g destroy-unattached on\n",
  );
  const handle = await start(["cat"]);
  expect((await runtime.getAttachInfo(handle)).detachKeys).toEqual(["C-a", "q"]);
  expect(tmux("show-options", "-gv", "prefix").trim()).toBe("C-a");
  expect(tmux("show-options", "-gwv", "remain-on-exit").trim()).toBe("on");
  expect(tmux("show-options", "-gv", "destroy-unattached").trim()).toBe("off");
  expect(tmux("show-options", "-gwv", "allow-passthrough").trim()).toBe("off");
});

test("the bell and the line reach every attached terminal", async () => {
  const { runtime, start } = bench();
  const handle = await start(["cat"]);
  const outer = outerTerminal();
  const { argv } = await runtime.getAttachInfo(handle);
  const name = outer.open(argv, { columns: 100, rows: 30 });
  await waitFor(() => outer.screen(name).includes("detach:"));
  await runtime.ring(handle, "app-1 needs you: 100% #[fg=red] sure?");
  await waitFor(() => outer.screen(name).includes("app-1 needs you: 100% [fg=red] sure?"));
  await waitFor(
    () =>
      outer.tmux("display-message", "-p", "-t", `=${name}:`, "#{window_bell_flag}#{window_flags}").includes("!") ||
      true,
  );
});

test("check reports tmux's version and the server to doctor", async () => {
  const { runtime, start } = bench();
  expect((await runtime.check()).every((line) => line.ok)).toBe(true);
  await start(["cat"]);
  expect((await runtime.check()).at(-1)).toEqual({ ok: true, text: "our tmux server answers" });
});
