import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { removeFile, writeWhole } from "@agent-orchestrator/plugin-kit/files/whole";
import { marked } from "@agent-orchestrator/plugin-kit/mark";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { endTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { forgetEnded } from "./held.ts";
import { runnerPath } from "./helper-path.ts";
import { handleOf, indexFile, makeFolder, type Place, placeOf, readClaim, readRecord } from "./layout.ts";
import type { ProcessOptions } from "./options.ts";
import { type FailureCode, type RunRecord, type RunSpec, readLines, writeLine } from "./wire.ts";

const START_MS = 15_000;
/** There are many runners, so keep each small: no optimiser threads, a small heap for garbage. */
const LEAN = ["--max-old-space-size=64", "--max-semi-space-size=1", "--v8-pool-size=0"];

export interface Launch {
  config: RuntimeCreateConfig;
  options: ProcessOptions;
  context: PluginContext;
}

/** Starts the program under a runner, or continues what an earlier call with the same intent has started. */
export async function launch(request: Launch, signal?: AbortSignal): Promise<RuntimeHandle> {
  const { config, context } = request;
  const place = placeOf(config, context);
  const begun = await takeUp(place, context, signal);
  if (begun !== null) return handleOf(place, begun);
  await forgetEnded(place, context);
  makeFolder(place.dir);
  makeFolder(context.socketDir);
  makeFolder(join(context.stateDir, "launches"));
  writeWhole(indexFile(context, place.key), JSON.stringify(place));
  const answer = await startRunner(request, place);
  if (answer.ok) return handleOf(place, answer.record);
  const other = answer.code === "CLAIMED" ? await takeUp(place, context, signal) : null;
  if (other !== null) return handleOf(place, other);
  removeFile(indexFile(context, place.key));
  throw notStarted(answer, config.workspacePath);
}

function notStarted({ code, message }: { code: FailureCode; message: string }, workspacePath: string): AoError {
  if (!existsSync(workspacePath)) {
    return new AoError("UNAVAILABLE", `the session's folder is gone: ${workspacePath}`, {
      hint: "`ao restore` brings it back.",
    });
  }
  if (code !== "UNAVAILABLE") return new AoError("FAILED", message);
  return new AoError("UNAVAILABLE", message, { hint: "Is the agent's program installed, and on your PATH?" });
}

/** What exists of this launch already. A runner that died halfway is removed with everything it started. */
async function takeUp(place: Place, context: PluginContext, signal?: AbortSignal): Promise<RunRecord | null> {
  const began = context.clock.monotonic();
  for (;;) {
    const record = readRecord(place.dir);
    if (record !== null) return record;
    const claim = readClaim(place.dir);
    if (claim === null) return null;
    if (!isRunning(claim)) break;
    if (context.clock.monotonic() - began > START_MS) {
      throw new AoError("UNREACHABLE", "an earlier start of this agent is stuck");
    }
    await context.clock.sleep(20, signal);
  }
  await endTree({ roots: [], marks: { AO_LAUNCH: place.key }, clock: context.clock });
  await removeTree(place.dir);
  return null;
}

type Answer = { ok: true; record: RunRecord } | { ok: false; code: FailureCode; message: string };

async function startRunner(request: Launch, place: Place): Promise<Answer> {
  const { PATH = "/usr/bin:/bin", HOME = "/", LANG = "C.UTF-8" } = request.context.env();
  const log = openSync(join(place.dir, "runner.log"), "a", 0o600);
  try {
    const [shell, ...words] = marked([process.execPath, ...LEAN, runnerPath(request.context)]);
    const runner = spawn(shell, words, {
      cwd: "/",
      env: { PATH, HOME, LANG },
      detached: true,
      stdio: ["ignore", "ignore", log, "pipe"],
    });
    const line = runner.stdio[3] as Socket;
    const answer = hear(line, new Promise<Error>((failed) => runner.once("error", failed)));
    writeLine(line, specOf(request, place));
    runner.unref();
    return await answer;
  } finally {
    closeSync(log);
  }
}

function hear(line: Socket, failure: Promise<Error>): Promise<Answer> {
  return new Promise((done) => {
    const fail = (message: string) => done({ ok: false, code: "FAILED", message });
    const timer = setTimeout(() => {
      fail("the runner did not start in time");
      line.destroy();
    }, START_MS);
    readLines(line, (answer) => done(answer as unknown as Answer));
    line.on("error", () => line.destroy());
    line.on("close", () => {
      clearTimeout(timer);
      fail("the runner ended at once; its runner.log may say why");
    });
    failure.then((error) => fail(`the runner could not be started: ${error.message}`), fail);
  });
}

function specOf({ config, options, context }: Launch, place: Place): RunSpec {
  return {
    key: place.key,
    sessionId: place.sessionId,
    instanceId: place.instanceId,
    dir: place.dir,
    socket: place.socket,
    argv: config.argv ?? ["/bin/sh", "-c", config.launchCommand],
    cwd: config.workspacePath,
    env: { ...config.environment, AO_LAUNCH: place.key },
    ptyModule: options.terminal === "pipe" || config.stdin !== undefined ? null : ptyModule(context),
    paste: config.paste ?? null,
    stdin: config.stdin ?? null,
    outputBytes: options.outputBytes,
  };
}

/** Where the prebuilt pty is installed, or null if it isn't. */
export function ptyModule(context: Pick<PluginContext, "programsDir">): string | null {
  for (const from of [import.meta.url, runnerPath(context)]) {
    try {
      return createRequire(from).resolve("@lydell/node-pty");
    } catch {
      // An optional dependency, absent if there is no binary for this machine.
    }
  }
  return null;
}
