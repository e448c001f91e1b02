import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { guardFolder } from "@agent-orchestrator/core/host/guarded";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import { type LogJob, type LogSource, runLogJob } from "@agent-orchestrator/core/store/log-jobs";
import type { FromLogWorker } from "./log-worker.ts";

/** A thread of the daemon that does one job over the log, and ends. */
function main({ source, job }: { source: LogSource; job: LogJob }): void {
  try {
    guardFolder(source.home);
    const json = new TextEncoder().encode(JSON.stringify(runLogJob(source, job)));
    parentPort?.postMessage({ json } satisfies FromLogWorker, [json.buffer]);
  } catch (error) {
    const { code, message, hint } = toAoError(error);
    parentPort?.postMessage({
      error: { code, message, ...(hint === undefined ? {} : { hint }) },
    } satisfies FromLogWorker);
  }
}

if (!isMainThread) main(workerData);
