/**
 * The parent of one agent. The daemon starts it, it outlives the daemon, and ends with the agent. It keeps the output, types
 * messages, serves viewers and records how the program ended. It loads only Node's own modules and the pty.
 */
import { type Server, Socket } from "node:net";
import { join } from "node:path";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { claimWhole, removeFile, writeWhole } from "@agent-orchestrator/plugin-kit/files/whole";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { delivery } from "@agent-orchestrator/plugin-kit/terminal/delivery";
import { terminalModes } from "@agent-orchestrator/plugin-kit/terminal/modes";
import { readiness } from "@agent-orchestrator/plugin-kit/terminal/readiness";
import { type Program, StartError, startProgram } from "./runner/program.ts";
import { push } from "./runner/push.ts";
import { listen, serve } from "./runner/serve.ts";
import { tailFile } from "./runner/tail-file.ts";
import { isoOf, type Time } from "./runner/time.ts";
import { viewers } from "./runner/viewers.ts";

const time: Time = { now: () => Date.now(), monotonic: () => performance.now() };

import { type ExitRecord, type FailureCode, type RunRecord, type RunSpec, readLines, writeLine } from "./wire.ts";

const HAND_OVER_FD = 3;
/** Time for the last replies and events to be sent. */
const FAREWELL_MS = 1_000;

/** The whole spec, or nothing. A daemon that died while it wrote has requested nothing. */
function takeSpec(): Promise<{ spec: RunSpec; daemon: Socket }> {
  const daemon = new Socket({ fd: HAND_OVER_FD });
  daemon.on("error", () => undefined); // The daemon died. The socket closes, and what was requested continues.
  return new Promise((done) => {
    readLines(daemon, (line) => done({ spec: line as unknown as RunSpec, daemon }));
  });
}

async function run(): Promise<void> {
  const { spec, daemon } = await takeSpec();
  if (spec.env.AO_HOME !== undefined) guardFolder(spec.env.AO_HOME);
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
    // It started but can't be recorded, so nobody would ever find it again.
    if (program !== null) process.kill(-program.pid, "SIGKILL");
    server?.close();
    removeFile(claim);
    refuse(error instanceof StartError ? "UNAVAILABLE" : "FAILED", error instanceof Error ? error.message : "");
  }
}

/** Handles everything between the start and the end of the program. */
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
  // The machine is shutting down. Pass it on to the program, and still record how it ends.
  process.on("SIGTERM", () => process.kill(program.pid, "SIGTERM"));
}

function keepExit(dir: string, exit: ExitRecord): void {
  try {
    writeWhole(join(dir, "exit.json"), JSON.stringify(exit));
  } catch (error) {
    // The disk is full, so the status will be unknown later. Watchers are notified below.
    process.stderr.write(`the exit status could not be kept: ${String(error)}\n`);
  }
}

// A bug here must not end the agent. It goes to the log next to its files, and the work continues.
process.on("uncaughtException", (error) => process.stderr.write(`${String(error.stack)}\n`));
process.on("SIGHUP", () => undefined);
await run();
