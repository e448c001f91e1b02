import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import { placesOf, type Run } from "./layout.ts";

/**
 * The first program of every container: a few lines of POSIX sh, which any image can run. It reads the environment and the words of the
 * program from a named pipe, so that they are in no file, no argument and no setting of the container, says what it lacks or that
 * it has started, and becomes the program.
 * $1: the folder of the gate.
 */
const SCRIPT = `g=$1
. "$g/environment"
command -v -- "$1" >/dev/null 2>&1 || { printf '%s\\n' "$1" >"$g/lacking"; exit 127; }
: >"$g/started"
exec "$@"
`;

export const gateArgv = (run: Run): string[] => ["/bin/sh", "-c", SCRIPT, "ao-gate", placesOf(run).gate];

/** What the gate reads: variables, then the program and its arguments. */
export function gateText(config: RuntimeCreateConfig, environment: Record<string, string>): string {
  const variables = Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  const argv = config.argv ?? ["/bin/sh", "-c", config.launchCommand];
  return `${[...variables, `set -- ${argv.map(shellQuote).join(" ")}`].join("\n")}\n`;
}

export async function makeGate(run: Run, context: PluginContext): Promise<void> {
  await exec("mkfifo", ["-m", "600", "--", placesOf(run).environment], { env: context.env() });
}

const STEP_MS = 5;

export interface Passing {
  context: PluginContext;
  text: string;
  /** Throws if the container has ended, or is gone. */
  requireRunning(): Promise<void>;
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}

/** Hands the launch over, and waits until the program runs. */
export async function passGate(
  run: Run,
  { context, text, requireRunning, deadlineMs, signal }: Passing,
): Promise<void> {
  const { clock } = context;
  const places = placesOf(run);
  const end = clock.monotonic() + deadlineMs;
  let left = Buffer.from(text);
  let pipe: number | null = null;
  try {
    for (let turn = 0; !existsSync(places.started); turn++) {
      if (existsSync(places.lacking)) throw lacking(readFileSync(places.lacking, "utf8").trim());
      if (turn % 20 === 19) await requireRunning();
      if (clock.monotonic() > end) throw new AoError("UNREACHABLE", `the container ${run.key} did not start in time`);
      pipe ??= left.length === 0 ? null : openIfRead(places.environment);
      if (pipe !== null) left = left.subarray(writeSome(pipe, left));
      if (pipe !== null && left.length === 0) {
        closeSync(pipe);
        pipe = null;
      }
      await clock.sleep(STEP_MS, signal);
    }
  } finally {
    if (pipe !== null) closeSync(pipe);
  }
}

const lacking = (program: string): AoError =>
  new AoError("UNAVAILABLE", `${program} could not be started: the image does not have it`, {
    hint: "Install it in the image (`build:` or `image:` of the runtime), or mount it.",
  });

/** Null as long as nobody reads. */
function openIfRead(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENXIO") return null;
    throw error;
  }
}

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes, 0, Math.min(bytes.length, 32 * 1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}
