import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { bench } from "./testing/bench.ts";

const runs = (pid: number): boolean => startIdOf(pid) !== null;

async function facts(runtime: Required<Runtime>, handle: RuntimeHandle): Promise<RuntimeFact[]> {
  const seen: RuntimeFact[] = [];
  const { stop } = await runtime.watch(handle, (fact) => void seen.push(fact));
  onTestFinished(stop);
  return seen;
}

const seenOf = (seen: RuntimeFact[], kind: RuntimeFact["kind"]) =>
  waitFor(() => seen.find((fact) => fact.kind === kind));

async function ended(runtime: Required<Runtime>, handle: RuntimeHandle) {
  await waitFor(async () => !(await runtime.isAlive(handle)));
  return runtime.getProcess(handle);
}

test("the end of a program is reported at once, with its status and last output", async () => {
  const { runtime, start } = bench();
  const gate = join(tempDir(), "gate");
  const handle = await start([
    "sh",
    "-c",
    'echo working; while [ ! -e "$1" ]; do sleep 0.01; done; echo bye; exit 3',
    "sh",
    gate,
  ]);
  const seen = await facts(runtime, handle);
  writeFileSync(gate, "");
  expect(await seenOf(seen, "exit")).toMatchObject({ exit: { code: 3, signal: null }, lastOutput: "working\nbye" });
  expect(await runtime.getProcess(handle)).toMatchObject({ alive: false, exit: { code: 3 } });
  expect(await runtime.getOutput(handle)).toBe("working\nbye");
  expect(seen.filter((fact) => fact.kind === "exit")).toHaveLength(1);
});

test.each(["SIGKILL", "SIGTERM", "SIGSEGV"] as const)(
  "a program killed by %s is reported with that signal",
  async (signal) => {
    const { runtime, start } = bench();
    const handle = await start(["sleep", "100"]);
    const seen = await facts(runtime, handle);
    const { pid } = await runtime.getProcess(handle);
    process.kill(Number(pid), signal);
    expect(await seenOf(seen, "exit")).toMatchObject({ exit: { code: null, signal } });
  },
);

test("Ctrl-C reaches the program and not its parent, and Ctrl-Z freezes nothing", async () => {
  const { runtime, start, tmux } = bench();
  const handle = await start(["sh", "-c", "trap 'echo caught; exit 9' INT; while :; do sleep 0.05; done"]);
  tmux("send-keys", "-t", `=${handle.id}:`, "C-z");
  await runtime.sendKeys(handle, ["C-c"]);
  expect((await ended(runtime, handle)).exit).toMatchObject({ code: 9 });
  expect(await runtime.getOutput(handle)).toContain("caught");
});

test("when the program's parent is killed, the program is reported as gone with an unknown status", async () => {
  const { runtime, start, tmux } = bench();
  const handle = await start(["sh", "-c", "echo hello; exec sleep 100"]);
  const seen = await facts(runtime, handle);
  await waitFor(async () => (await runtime.getOutput(handle)) === "hello");
  process.kill(Number(tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{pane_pid}")), "SIGKILL");
  expect(await seenOf(seen, "exit")).toMatchObject({ exit: null, lastOutput: "hello" });
  expect(await runtime.getProcess(handle)).toMatchObject({ alive: false, exit: null });
});

test("a killed tmux server is reported as lost, destroy ends what survives it, and the name can be used again", async () => {
  const { runtime, start, tmux } = bench();
  const plain = await start(["sleep", "100"]);
  const stubborn = await start(["sh", "-c", "trap '' HUP TERM; echo deaf; sleep 100; sleep 100"], {
    sessionId: "app-7",
  });
  await waitFor(async () => (await runtime.getOutput(stubborn)) === "deaf");
  const [plainFacts, stubbornFacts] = [await facts(runtime, plain), await facts(runtime, stubborn)];
  const { pid } = await runtime.getProcess(stubborn);
  process.kill(Number(tmux("display-message", "-p", "#{pid}")), "SIGKILL");
  await seenOf(plainFacts, "lost");
  await seenOf(stubbornFacts, "lost");
  await waitFor(async () => !(await runtime.isAlive(plain)));
  expect(await runtime.isAlive(stubborn)).toBe(true);
  await expect(start(["cat"], { sessionId: "app-7" })).rejects.toMatchObject({ code: "REFUSED" });
  await runtime.destroy(stubborn);
  expect(runs(Number(pid))).toBe(false);
  const again = await start(["cat"], { sessionId: "app-7" });
  expect(await runtime.isAlive(again)).toBe(true);
  expect(plainFacts.filter((fact) => fact.kind === "exit")).toEqual([]);
}, 20_000);

test("a terminal that a user closed is reported as lost", async () => {
  const { runtime, start, tmux } = bench();
  const [one, two] = [await start(["cat"]), await start(["cat"])];
  const [oneFacts, twoFacts] = [await facts(runtime, one), await facts(runtime, two)];
  tmux("kill-window", "-t", `=${one.id}:`);
  tmux("kill-session", "-t", `=${two.id}:`);
  await seenOf(oneFacts, "lost");
  await seenOf(twoFacts, "lost");
  await waitFor(async () => !(await runtime.isAlive(one)) && !(await runtime.isAlive(two)));
});

test("destroy ends the program and all its descendants, including those that left its session, and nothing else", async () => {
  const { runtime, start } = bench();
  const dir = tempDir();
  const script = `setsid sleep 301 & echo $! >"$1/a"; (setsid sh -c 'echo $$ >"$1/b"; exec sleep 302' sh "$1" &) ; nohup sleep 303 >/dev/null 2>&1 & echo $! >"$1/c"; trap '' TERM HUP; while :; do sleep 1; done`;
  const handle = await start(["sh", "-c", script, "sh", dir], { sessionId: "app-1" });
  const other = await start(["cat"], { sessionId: "app-10" });
  const pids = await waitFor(() => {
    const files = readdirSync(dir).map((file) => Number(readFileSync(join(dir, file), "utf8")));
    return files.length === 3 && files.every((pid) => pid > 0) ? files : null;
  });
  const { pid } = await runtime.getProcess(handle);
  expect([Number(pid), ...pids].filter(runs)).toHaveLength(4);
  await runtime.destroy(handle);
  expect([Number(pid), ...pids].filter(runs)).toEqual([]);
  expect(await runtime.isAlive(handle)).toBe(false);
  expect(await runtime.isAlive(other)).toBe(true);
  await runtime.destroy(handle);
  expect((await runtime.list()).map((row) => row.sessionId)).toEqual(["app-10"]);
}, 20_000);

test("a shell at its prompt ends without waiting for KILL", async () => {
  const { runtime, start, context } = bench();
  const handle = await start(["bash", "--norc", "-i"]);
  const began = context.clock.monotonic();
  await runtime.destroy(handle);
  expect(context.clock.monotonic() - began).toBeLessThan(4_000);
});

test("the same intent starts one program, however often and by whomever it is requested", async () => {
  const { runtime, start, again, context, workspacePath } = bench();
  const log = join(tempDir(), "starts");
  const config = {
    sessionId: "app-1",
    workspacePath,
    launchCommand: "never",
    argv: ["sh", "-c", 'echo x >>"$1"; exec cat', "sh", log],
    environment: context.env(),
    instanceId: "0123456789ab",
    intentId: "the-intent",
    sessionDir: context.stateDir,
  };
  const handle = await start(config.argv, config);
  expect(await runtime.create(config)).toEqual(handle);
  await runtime.close();
  const later = again();
  expect(await later.create(config)).toEqual(handle);
  await waitFor(() => existsSync(log));
  expect(readFileSync(log, "utf8")).toBe("x\n");
  expect(await later.list()).toMatchObject([{ sessionId: "app-1", instanceId: "0123456789ab" }]);
  await expect(later.create({ ...config, intentId: "another" })).rejects.toMatchObject({ code: "REFUSED" });
});

test("what an interrupted start left behind is finished or removed", async () => {
  const { runtime, start, context, tmux } = bench();
  await start(["cat"]);
  writeFileSync(join(context.stateDir, "run", "0123456789ab-app-5.half.launch"), "exit 1\n", { mode: 0o600 });
  const half = await start(["cat"], { sessionId: "app-5", intentId: "half" });
  expect(await runtime.isAlive(half)).toBe(true);
  tmux("new-session", "-d", "-s", "0123456789ab-app-6", "sh", "-c", "exit 1");
  const taken = await start(["cat"], { sessionId: "app-6", intentId: "taken" });
  expect(await runtime.isAlive(taken)).toBe(true);
  expect(readdirSync(join(context.stateDir, "run")).filter((file) => file.endsWith(".launch"))).toEqual([]);
});

test("a handle of an earlier launch does not touch the later one", async () => {
  const { runtime, start } = bench();
  const first = await start(["sh", "-c", "exit 0"], { sessionId: "app-1" });
  await ended(runtime, first);
  const second = await start(["cat"], { sessionId: "app-1" });
  expect(await runtime.isAlive(first)).toBe(false);
  await expect(runtime.sendMessage(first, "hello")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await runtime.destroy(first);
  expect(await runtime.isAlive(second)).toBe(true);
  expect((await runtime.getAttachInfo(second)).argv.at(-1)).toBe(`=${second.id}:`);
});

test("a new instance finds running programs and those that ended in the meantime", async () => {
  const { runtime, start, again } = bench();
  const gate = join(tempDir(), "gate");
  const program = terminalProgram(tempDir(), "bracketed");
  const living = await start(program.argv);
  const ending = await start(["sh", "-c", 'while [ ! -e "$1" ]; do sleep 0.01; done; echo over; exit 4', "sh", gate]);
  await runtime.close();
  writeFileSync(gate, "");
  const later = again();
  const endingFacts = await facts(later, ending);
  expect(await seenOf(endingFacts, "exit")).toMatchObject({ exit: { code: 4 }, lastOutput: "over" });
  const livingFacts = await facts(later, living);
  await seenOf(livingFacts, "ready");
  await later.sendMessage(living, "still\nthere");
  await waitFor(() => program.got().includes("still\nthere"));
  await seenOf(livingFacts, "output");
});

test("a broken connection is restored, and its leftovers do not pile up", async () => {
  const { runtime, start, tmux } = bench();
  const handle = await start(["cat"]);
  const seen = await facts(runtime, handle);
  for (let n = 0; n < 3; n++) {
    const pid = tmux("list-clients", "-F", "#{client_pid}").trim();
    process.kill(Number(pid), "SIGKILL");
    await waitFor(() => {
      const now = tmux("list-clients", "-F", "#{client_pid}").trim();
      return now !== "" && now !== pid;
    });
  }
  seen.length = 0;
  await runtime.sendMessage(handle, "hello");
  await seenOf(seen, "output");
  expect(seen.some((fact) => fact.kind === "lost")).toBe(false);
  expect(tmux("list-clients").trim().split("\n")).toHaveLength(1);
});

test("a daemon that ends leaves no client behind and never takes the server down, however much its agents print", async () => {
  const { runtime, start, tmux, again } = bench();
  const handle = await start(["sh", "-c", "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"]);
  const server = tmux("display-message", "-p", "#{pid}");
  await runtime.close();
  for (let n = 0; n < 10; n++) {
    const later = again();
    await later.list();
    await later.close();
  }
  await waitFor(() => tmux("list-clients").trim() === "");
  expect(tmux("display-message", "-p", "#{pid}")).toBe(server);
  expect(await again().isAlive(handle)).toBe(true);
});

test("a probe that was interrupted is removed", async () => {
  const { runtime, start, tmux, again } = bench();
  const handle = await start(["cat"]);
  await runtime.close();
  tmux("new-window", "-d", "-t", "=ao_hub:", "-n", "ao_probe", "cat");
  await again().sendMessage(handle, "hello");
  expect(tmux("list-windows", "-t", "=ao_hub:", "-F", "#{window_name}").trim().split("\n")).toEqual(["hub", "agent"]);
});

test("a missing program is an error that names it, and leaves nothing behind", async () => {
  const { runtime, start } = bench();
  await expect(start(["no-such-agent"])).rejects.toMatchObject({ code: "UNAVAILABLE", message: /no-such-agent/ });
  await expect(start(["cat"], { workspacePath: "/no/such/folder" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await runtime.list()).toEqual([]);
});

test("a server without agents ends with its last instance", async () => {
  const { runtime, start, context } = bench();
  const handle = await start(["cat"]);
  await runtime.destroy(handle);
  await runtime.close();
  expect(() => execFileSync("tmux", ["-S", join(context.socketDir, "tmux"), "ls"], { stdio: "pipe" })).toThrow();
});

test("after a restart no terminal is reported as gone before the server was asked", async () => {
  const { runtime, start, again } = bench();
  const handle = await start(["sh", "-c", "echo here; exec sleep 100"]);
  await runtime.close();
  const later = again();
  const answers: Promise<string>[] = [];
  let isOver = false;
  const first = later.getOutput(handle).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    answers.push(later.getOutput(handle).catch((error: Error) => error.message));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await first;
  expect(new Set(await Promise.all(answers))).toEqual(new Set(["here"]));
});
