import { execFile, spawn } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PluginModule, ProcessInfo, Runtime, RuntimeHandle } from "@agent-orchestrator/core/types";

/**
 * A custom runtime in one file. Each agent is a process that reads its messages from a named pipe and writes to a log.
 * The process outlives the daemon. Everything needed to find it again is in the handle, which `ao` stores.
 */
export const manifest = {
  name: "fifo",
  slot: "runtime" as const,
  description: "Plain processes that read from a named pipe",
  version: "0.1.0",
};

/** The contents of `RuntimeHandle.data`. JSON only. */
interface Place {
  pid: number;
  startId: string;
  dir: string;
}

const run = promisify(execFile);
const placeOf = (handle: RuntimeHandle): Place => handle.data as unknown as Place;

/** Identifies one process permanently, together with its id, since a process id alone is reused. Null if there is no such process. */
async function startIdOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may contain anything. The fields after it are plain. Field 3 is the state, 22 the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch (error) {
    // ESRCH means that it ended while we were reading.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** Returns `false` only if that is certain. Any other failure to read is thrown. */
async function isRunning({ pid, startId }: Place): Promise<boolean> {
  return (await startIdOf(pid)) === startId;
}

async function readProcess(handle: RuntimeHandle): Promise<ProcessInfo> {
  const { pid, startId } = placeOf(handle);
  return { alive: await isRunning(placeOf(handle)), pid, startId, exit: null };
}

/** Signals the whole group: the program and what it started. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function ends(place: Place, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 20) {
    if (!(await isRunning(place))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !(await isRunning(place));
}

export function create(options: { dir?: string; graceMs?: number } = {}, context?: { stateDir: string }): Runtime {
  const root = options.dir ?? context?.stateDir ?? "/tmp/ao-fifo";
  return {
    name: "fifo",

    async create(config) {
      const dir = join(root, config.sessionId);
      const known = join(dir, "handle.json");
      // The same launch may be requested again after a crash. Finish it, and don't start a second one.
      if (config.intentId !== undefined && existsSync(known)) {
        const { intentId, handle } = JSON.parse(await readFile(known, "utf8"));
        if (intentId === config.intentId && (await isRunning(placeOf(handle)))) return handle;
      }
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await run("mkfifo", ["-m", "600", join(dir, "in")]);
      // Opened for reading and writing, so that the agent never sees the end of its input between two messages.
      const input = await open(join(dir, "in"), constants.O_RDWR);
      const output = await open(join(dir, "out"), "a", 0o600);
      try {
        const [file = "sh", ...args] = config.argv ?? ["sh", "-c", config.launchCommand];
        const child = spawn(file, args, {
          cwd: config.workspacePath,
          env: config.environment,
          detached: true,
          stdio: [input.fd, output.fd, output.fd],
        });
        await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
        child.unref();
        const pid = child.pid as number;
        const handle = {
          id: config.sessionId,
          runtimeName: manifest.name,
          data: { pid, startId: (await startIdOf(pid)) ?? "", dir },
        };
        await writeFile(known, JSON.stringify({ intentId: config.intentId, handle }), { mode: 0o600 });
        return handle;
      } finally {
        await Promise.all([input.close(), output.close()]);
      }
    },

    async destroy(handle) {
      const place = placeOf(handle);
      if (!(await isRunning(place))) return;
      signal(place.pid, "SIGTERM");
      if (!(await ends(place, options.graceMs ?? 2000))) signal(place.pid, "SIGKILL");
      await ends(place, 2000);
    },

    async sendMessage(handle, message) {
      if (!(await isRunning(placeOf(handle)))) throw new Error("the agent is not running");
      // Does not wait for a reader. Without one this fails at once.
      const pipe = await open(join(placeOf(handle).dir, "in"), constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        await pipe.writeFile(`${message}\n`);
      } finally {
        await pipe.close();
      }
    },

    async getOutput(handle, lines = 200) {
      const text = await readFile(join(placeOf(handle).dir, "out"), "utf8");
      return text.trimEnd().split("\n").slice(-lines).join("\n");
    },

    isAlive: (handle) => isRunning(placeOf(handle)),
    getProcess: readProcess,
  };
}

export default { manifest, create } satisfies PluginModule<Runtime>;
