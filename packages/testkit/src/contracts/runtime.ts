import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, RuntimeCreateConfig, RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { describe, expect, onTestFinished, test } from "vitest";
import { pluginContext } from "../plugin-context.ts";
import { tempDir } from "../temp-dir.ts";
import { terminalProgram } from "../terminal-program.ts";
import { waitFor } from "../wait-for.ts";
import { typingContract } from "./runtime-typing.ts";

export interface RuntimeContract {
  /** Called several times with one context, for the daemon before and after a restart. */
  create(context: PluginContext): Runtime;
  context?(): Partial<PluginContext>;
  /** What a runtime may lack. A test that needs it is then shown as skipped. */
  capabilities: {
    /** Programs have a terminal, and bracketed paste is detected. */
    hasTerminal: boolean;
    /** Programs are processes of this machine, so pids, signals and descendants are visible. */
    isLocal: boolean;
    canAttach: boolean;
    /** `getScreen`: the runtime knows what the terminal shows. */
    hasScreen: boolean;
  };
}

export interface RuntimeBench {
  runtime: Runtime;
  again(): Runtime;
  config(argv: string[], more?: Partial<RuntimeCreateConfig>): RuntimeCreateConfig;
  start(argv: string[], more?: Partial<RuntimeCreateConfig>): Promise<RuntimeHandle>;
}

let count = 0;

function setUp(contract: RuntimeContract): RuntimeBench {
  const context = pluginContext(contract.context?.());
  const workspacePath = join(tempDir("ao-ws"), "checkout");
  mkdirSync(workspacePath);
  const all: Runtime[] = [];
  const handles: RuntimeHandle[] = [];
  const make = (): Runtime => {
    const made = contract.create(context);
    all.push(made);
    return made;
  };
  const runtime = make();
  onTestFinished(async () => {
    // One at a time, like daemons.
    for (const each of all) await each.close?.();
    const last = contract.create(context);
    await Promise.all(handles.map((handle) => last.destroy(handle)));
    await last.close?.();
  });
  const config: RuntimeBench["config"] = (argv, more = {}) => {
    const sessionId = more.sessionId ?? `app-${++count}`;
    const environment = { ...context.env(), AO_SESSION_ID: sessionId, AO_HOME: context.home };
    const sessionDir = join(context.home, "sessions", sessionId);
    const intentId = `intent-${++count}`;
    const base = { sessionId, workspacePath, environment, sessionDir, intentId, launchCommand: "exit 99" };
    return { ...base, argv, instanceId: "0123456789ab", ...more };
  };
  const start: RuntimeBench["start"] = async (argv, more) => {
    const handle = await runtime.create(config(argv, more));
    handles.push(handle);
    return handle;
  };
  return { runtime, again: make, config, start };
}

const sh = (script: string, ...args: string[]): string[] => ["/bin/sh", "-c", script, "sh", ...args];

/** Records every line it gets, each in brackets. */
const reader = (log: string): string[] => sh('while IFS= read -r line; do printf "[%s]\\n" "$line" >>"$1"; done', log);

const linesIn = (log: string): string[] => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []);

const gone = (runtime: Runtime, handle: RuntimeHandle) => waitFor(async () => !(await runtime.isAlive(handle)));

async function factsOf(runtime: Runtime, handle: RuntimeHandle): Promise<RuntimeFact[]> {
  const seen: RuntimeFact[] = [];
  const watching = await runtime.watch?.(handle, (fact) => void seen.push(fact));
  onTestFinished(() => watching?.stop());
  return seen;
}

export function runtimeContract(name: string, contract: RuntimeContract): void {
  describe(`the runtime contract, kept by ${name}`, () => {
    startContract(contract);
    endContract(contract);
    messageContract(contract);
    watchContract(contract);
    typingContract(contract, () => setUp(contract));
  });
}

function startContract(contract: RuntimeContract): void {
  test("runs the words literally, in the folder, with the environment", async () => {
    const { runtime, start, config } = setUp(contract);
    const argv = sh('pwd; printf "<%s>\\n" "$1" "$WORDS"', "a $HOME `id`; 'q' #{x} *");
    const asked = config(argv);
    const handle = await start(argv, { ...asked, environment: { ...asked.environment, WORDS: 'it\'s "so" $HOME' } });
    await gone(runtime, handle);
    const expected = [asked.workspacePath, "<a $HOME `id`; 'q' #{x} *>", '<it\'s "so" $HOME>'];
    expect((await runtime.getOutput(handle)).trimEnd().split("\n")).toEqual(expected);
  });

  test("runs a command line if there are no words", async () => {
    const { runtime, config } = setUp(contract);
    const { argv: _argv, ...asked } = config([], { launchCommand: "echo one; echo two; exit 4" });
    const handle = await runtime.create(asked);
    await gone(runtime, handle);
    expect((await runtime.getOutput(handle)).trimEnd()).toBe("one\ntwo");
    await runtime.destroy(handle);
  });

  test("a handle is JSON, and names the runtime", async () => {
    const { start } = setUp(contract);
    const handle = await start(["cat"]);
    expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
    expect(handle.runtimeName).not.toBe("");
  });

  test("starts one program per intent, even after a restart", async () => {
    const { runtime, start, config, again } = setUp(contract);
    const log = join(tempDir(), "log");
    const asked = config(sh('echo x >>"$1"; exec cat', log));
    const handle = await start(asked.argv ?? [], asked);
    await waitFor(() => existsSync(log));
    expect((await runtime.create(asked)).id).toBe(handle.id);
    await runtime.close?.();
    expect((await again().create(asked)).id).toBe(handle.id);
    expect(linesIn(log)).toEqual(["x"]);
  });

  test("names a missing program in the error, and leaves nothing behind", async () => {
    const { runtime, start } = setUp(contract);
    await expect(start(["no-such-agent"])).rejects.toMatchObject({ code: "UNAVAILABLE", message: /no-such-agent/ });
    expect((await runtime.list?.()) ?? []).toEqual([]);
  });

  test.runIf(contract.capabilities.canAttach)("says how to attach and how to leave", async () => {
    const { runtime, start } = setUp(contract);
    const info = await runtime.getAttachInfo?.(await start(["cat"]));
    expect([info?.argv.length, info?.detachHint]).not.toContainEqual(expect.toBeOneOf([0, "", undefined]));
  });
}

function endContract(contract: RuntimeContract): void {
  const { isLocal } = contract.capabilities;

  test("knows the exit status and the last output of a program that has ended, even after a restart", async () => {
    const { runtime, start, again } = setUp(contract);
    const handle = await start(sh("echo bye; exit 7"));
    await gone(runtime, handle);
    expect((await runtime.getProcess?.(handle))?.exit).toMatchObject({ code: 7, signal: null });
    await runtime.close?.();
    const later = again();
    expect(await later.isAlive(handle)).toBe(false);
    expect((await later.getProcess?.(handle))?.exit).toMatchObject({ code: 7, signal: null });
    expect((await later.getOutput(handle)).trimEnd()).toBe("bye");
  });

  test.runIf(isLocal)("knows the signal that killed a program", async () => {
    const { runtime, start } = setUp(contract);
    const handle = await start(["sleep", "100"]);
    const { pid, startId } = (await runtime.getProcess?.(handle)) ?? {};
    expect(startIdOf(Number(pid))).toBe(startId);
    process.kill(Number(pid), "SIGKILL");
    await gone(runtime, handle);
    expect((await runtime.getProcess?.(handle))?.exit).toMatchObject({ signal: "SIGKILL" });
  });

  test.runIf(isLocal)("names the processes below a program, and ends exactly those that it is told to", async () => {
    const { runtime, start } = setUp(contract);
    const handle = await start(sh("sleep 611 & sleep 0.2; setsid sleep 612 & exec cat"));
    const commands = async () => ((await runtime.listProcesses?.(handle)) ?? []).map(({ command }) => command).sort();
    await waitFor(async () => (await commands()).join() === "sleep 611,sleep 612");
    const [first] = (await runtime.listProcesses?.(handle)) ?? [];
    if (first !== undefined) await runtime.endProcesses?.(handle, [first]);
    expect(await commands()).toEqual(["sleep 612"]);
    expect(await runtime.isAlive(handle)).toBe(true);
  });

  test("finds a running program after a restart", async () => {
    const { runtime, start, again } = setUp(contract);
    const log = join(tempDir(), "log");
    const handle = await start(reader(log));
    const before = await runtime.getProcess?.(handle);
    await runtime.close?.();
    const later = again();
    expect(await later.getProcess?.(handle)).toEqual(before);
    expect((await later.list?.())?.map((row) => row.handle.id) ?? [handle.id]).toEqual([handle.id]);
    await later.sendMessage(handle, "still there");
    await waitFor(() => linesIn(log).join() === "[still there]");
  });

  test.runIf(isLocal)(
    "destroy ends everything the program has started, even in other POSIX sessions, and may be repeated",
    async () => {
      const { runtime, start } = setUp(contract);
      const dir = tempDir();
      const handle = await start(sh('setsid sleep 301 & echo $! >"$1/a"; sleep 302 & echo $! >"$1/b"; wait', dir));
      const other = await start(["cat"]);
      const pids = await waitFor(async () => {
        const read = ["a", "b"].flatMap((file) => linesIn(join(dir, file))).map(Number);
        // A container's programs know their processes by other pids than this machine.
        const seen = read.length < 2 ? [] : await runtime.listProcesses?.(handle);
        return seen?.length === 0 ? null : (seen?.map(({ pid }) => pid) ?? read);
      });
      await runtime.destroy(handle);
      expect(pids.filter((pid) => startIdOf(pid) !== null)).toEqual([]);
      expect(await runtime.isAlive(handle)).toBe(false);
      await runtime.destroy(handle);
      expect(await runtime.isAlive(other)).toBe(true);
    },
  );
}

function messageContract(contract: RuntimeContract): void {
  const { hasTerminal } = contract.capabilities;

  test("a message arrives once for each id, without control characters", async () => {
    const { runtime, start } = setUp(contract);
    const log = join(tempDir(), "log");
    const handle = await start(reader(log));
    for (const id of ["one", "one", "two"]) await runtime.sendMessage(handle, `hello ${id}\u001b[201~\u0003;`, { id });
    await runtime.sendMessage(handle, "end", { id: "three" });
    await waitFor(() => linesIn(log).includes("[end]"));
    expect(linesIn(log)).toEqual(["[hello one[201~;]", "[hello two[201~;]", "[end]"]);
  });

  test("64 KiB in many lines arrive complete, directly or in a file that one line names", async () => {
    const { runtime, start } = setUp(contract);
    const log = join(tempDir(), "log");
    const handle = await start(reader(log));
    const text = Array.from({ length: 1_000 }, (_, n) => `${n} ${"é".repeat(30)}`).join("\n");
    await runtime.sendMessage(handle, text);
    await runtime.sendMessage(handle, "end");
    await waitFor(() => linesIn(log).includes("[end]"));
    const lines = linesIn(log).map((line) => line.slice(1, -1));
    const file = lines.length === 2 ? /\S*\/\S+/.exec(lines[0] ?? "")?.[0] : undefined;
    const got = file === undefined ? lines.slice(0, -1).join("\n") : readFileSync(file, "utf8").trimEnd();
    expect(got === text).toBe(true);
  });

  test.runIf(hasTerminal)("a program with bracketed paste gets one paste and one Enter, byte for byte", async () => {
    const { runtime, start } = setUp(contract);
    const program = terminalProgram(tempDir(), "bracketed");
    const handle = await start(program.argv);
    await runtime.sendMessage(handle, "- two\r\n\tlines; 😀 #{x} C-c");
    await waitFor(() => program.got() === "\u001b[200~- two\n\tlines; 😀 #{x} C-c\u001b[201~\r");
  });

  test.runIf(hasTerminal)("nothing is sent before a slow program has set up its terminal", async () => {
    const { runtime, start } = setUp(contract);
    const program = terminalProgram(tempDir(), "bracketed", 700);
    const handle = await start(program.argv);
    await runtime.sendMessage(handle, "early");
    await waitFor(() => program.got() === "\u001b[200~early\u001b[201~\r");
  });

  test("a message for a program that has ended is refused", async () => {
    const { runtime, start } = setUp(contract);
    const handle = await start(sh("exit 0"));
    await gone(runtime, handle);
    await expect(runtime.sendMessage(handle, "hello")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
}

function watchContract(contract: RuntimeContract): void {
  test("reports output, and the end once", async () => {
    const { runtime, start } = setUp(contract);
    const handle = await start(sh("read -r line; echo got it; read -r line; exit 5"));
    const seen = await factsOf(runtime, handle);
    await waitFor(() => seen.some((fact) => fact.kind === "ready"));
    await runtime.sendMessage(handle, "one");
    await waitFor(() => seen.some((fact) => fact.kind === "output"));
    await runtime.sendMessage(handle, "two");
    const exit = await waitFor(() => seen.find((fact) => fact.kind === "exit"));
    expect(exit).toMatchObject({ exit: { code: 5, signal: null } });
    expect(exit.kind === "exit" ? exit.lastOutput : null).toContain("got it");
    expect(seen.filter((fact) => fact.kind === "exit" || fact.kind === "lost")).toHaveLength(1);
  });

  test("reports nothing after stop", async () => {
    const { runtime, start } = setUp(contract);
    const handle = await start(["cat"]);
    const seen: RuntimeFact[] = [];
    const watching = await runtime.watch?.(handle, (fact) => void seen.push(fact));
    await watching?.stop();
    seen.length = 0;
    const later = await factsOf(runtime, handle);
    await runtime.sendMessage(handle, "hello");
    await waitFor(() => later.some((fact) => fact.kind === "output"));
    expect(seen).toEqual([]);
  });
}
