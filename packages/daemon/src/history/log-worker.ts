import { Worker } from "node:worker_threads";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { WireError } from "@agent-orchestrator/core/protocol/frames";
import type { LogJob, LogJobs, LogSource } from "@agent-orchestrator/core/store/log-jobs";
import { Json } from "../define-request.ts";

/** What the thread answers. `json` is the result as JSON text. */
export type FromLogWorker = { json: Uint8Array } | { error: WireError };

/**
 * Reads the log in threads of their own, so that no other request waits for it. The result stays text: it goes to the
 * caller as it is.
 */
export interface LogWorker {
  run<K extends keyof LogJobs>(
    name: K,
    wanted: LogJobs[K]["wanted"],
    signal: AbortSignal,
  ): Promise<Json<LogJobs[K]["result"]>>;
}

/** Each has its own memory, about 20 MB. */
const MAX_AT_ONCE = 2;

export function createLogWorker(source: LogSource): LogWorker {
  const waiting: (() => void)[] = [];
  let running = 0;
  const enter = async (): Promise<void> => {
    if (running >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
  };
  // The place goes to the next one that waits.
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    async run(name, wanted, signal) {
      await enter();
      try {
        return new Json(await runOne({ source, job: { name, wanted } as LogJob }, signal));
      } finally {
        leave();
      }
    },
  };
}

async function runOne(workerData: { source: LogSource; job: LogJob }, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./log-worker-entry.js", import.meta.url), { workerData, execArgv: [] });
  const end = () => void worker.terminate();
  signal.addEventListener("abort", end, { once: true });
  try {
    const answer = await new Promise<FromLogWorker>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(signal.reason ?? new Error("the thread that reads the log ended")));
    });
    if ("json" in answer) return answer.json;
    const { code, message, hint } = answer.error;
    throw new AoError(code, message, hint === undefined ? {} : { hint });
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
