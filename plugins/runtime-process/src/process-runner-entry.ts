/**
 * The parent of one agent: started by the daemon, outlives it, ends with the agent. It keeps the output, types messages,
 * serves viewers and writes down how the program ended. A program of its own: only node's modules and the pty are loaded.
 */
import { type Server, Socket } from "node:net";
import { join } from "node:path";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { claimWhole, removeFile, writeWhole } from "./files.ts";
import { terminalModes } from "./modes.ts";
import { delivery } from "./runner/delivery.ts";
import { type Program, StartError, startProgram } from "./runner/program.ts";
import { push } from "./runner/push.ts";
import { readiness } from "./runner/readiness.ts";
import { listen, serve } from "./runner/serve.ts";
import { tailFile } from "./runner/tail-file.ts";
import { isoOf, type Time } from "./runner/time.ts";
import { viewers } from "./runner/viewers.ts";

const time: Time = { now: () => Date.now(), monotonic: () => performance.now() };

import { type ExitRecord, type FailureCode, type RunRecord, type RunSpec, readLines, writeLine } from "./wire.ts";

const HAND_OVER_FD = 3;
/** For the last replies and events to leave. */
const FAREWELL_MS = 1_000;

/** The whole spec, or nothing: a daemon that died in the middle of a sentence has asked for nothing. */
function takeSpec(): Promise<{ spec: RunSpec; daemon: Socket }> {
  const daemon = new Socket({ fd: HAND_OVER_FD });
  daemon.on("error", () => undefined); // The daemon died: the socket closes, and what was asked for goes on.
  return new Promise((done) => {
    readLines(daemon, (line) => done({ spec: line as unknown as RunSpec, daemon }));
  });
}

async function run(): Promise<void> {
  const { spec, daemon } = await takeSpec();
  const refuse = (code: FailureCode, message: string): void => {
    writeLine(daemon, { ok: false, code, message });
    daemon.end();
  };
  const runner = { pid: process.pid, startId: startIdOf(process.pid) ?? "" };
  const claim = join(spec.dir, "claim.json");
  if (!claimWhole(claim, JSON.stringify(runner))) return refuse("CLAIMED", "another runner has this launch");
  let server: Server | null = null;
  let program: Program | null = null;
  try {
    removeFile(spec.socket);
    server = await listen(spec.socket);
    program = await startProgram(spec, time);
    const record: RunRecord = {
      version: 1,
      key: spec.key,
      sessionId: spec.sessionId,
      instanceId: spec.instanceId,
      socket: spec.socket,
      hasTerminal: program.hasTerminal,
      pid: program.pid,
      startId: startIdOf(program.pid),
      runner,
      startedAt: isoOf(time),
    };
    attend(server, spec, program);
    writeWhole(join(spec.dir, "record.json"), JSON.stringify(record));
    writeLine(daemon, { ok: true, record });
    daemon.end();
  } catch (error) {
    // Started, and cannot be written down: nobody would ever find it again.
    if (program !== null) process.kill(-program.pid, "SIGKILL");
    server?.close();
    removeFile(claim);
    refuse(error instanceof StartError ? "UNAVAILABLE" : "FAILED", error instanceof Error ? error.message : "");
  }
}

/** Everything that happens between the start and the end of the program. */
function attend(server: Server, spec: RunSpec, program: Program): void {
  const modes = terminalModes();
  const output = tailFile(spec.dir, spec.outputBytes);
  const hints = push(time);
  const ready = readiness(program, modes, time);
  const screen = viewers({ program, modes, dir: spec.dir, time });
  const messages = delivery({ program, modes, readiness: ready, dir: spec.dir, paste: spec.paste });
  ready.onReady(() => hints.hint("ready"));
  program.onData((bytes) => {
    output.append(bytes);
    screen.show(bytes);
    screen.answer(modes.watch(bytes.toString("latin1")));
    ready.noteOutput();
    if (!screen.isRepainting()) hints.hint("output");
  });
  const endService = serve(server, {
    program,
    delivery: messages,
    push: hints,
    viewers: screen,
    isReady: () => ready.isReady(),
  });
  program.onExit((code, signal) => {
    const exit: ExitRecord = { code, signal, at: isoOf(time) };
    keepExit(spec.dir, exit);
    ready.stop();
    messages.stop();
    hints.tell({ ev: "exit", exit });
    hints.stop();
    screen.end(exit);
    removeFile(spec.socket);
    server.once("close", () => process.exit(0));
    setImmediate(endService);
    setTimeout(() => process.exit(0), FAREWELL_MS);
  });
  // The machine goes down: the program is told, and how it ends is still written down.
  process.on("SIGTERM", () => process.kill(program.pid, "SIGTERM"));
}

function keepExit(dir: string, exit: ExitRecord): void {
  try {
    writeWhole(join(dir, "exit.json"), JSON.stringify(exit));
  } catch (error) {
    // No room: the status is then unknown to who asks later. Those who watch are told below.
    process.stderr.write(`the exit status could not be kept: ${String(error)}\n`);
  }
}

// One agent's end must not depend on a bug here: it is written to the log beside its files, and the work goes on.
process.on("uncaughtException", (error) => process.stderr.write(`${String(error.stack)}\n`));
process.on("SIGHUP", () => undefined);
await run();
