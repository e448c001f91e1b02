import { join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Clock, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { AttachInfo, Runtime, SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { readIfThere } from "@agent-orchestrator/plugin-kit/files/whole";
import { hostPlace } from "@agent-orchestrator/plugin-kit/place/host-place";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { processTree, type TreeQuestion } from "@agent-orchestrator/plugin-kit/process-tree";
import { endSessionProcesses, sessionProcesses } from "@agent-orchestrator/plugin-kit/session-processes";
import { check } from "./check.ts";
import { connectRunner, type RunnerClient } from "./client.ts";
import { destroy } from "./destroy.ts";
import { listHeld } from "./held.ts";
import { helperPath } from "./helper-path.ts";
import { isAgentRunning, judge } from "./judge.ts";
import { launch } from "./launch.ts";
import { type Run, runOf } from "./layout.ts";
import type { ProcessOptions } from "./options.ts";
import { lastOutput } from "./output.ts";
import { typeMessage } from "./typing.ts";
import { viewRun } from "./view.ts";
import { watchRun } from "./watch.ts";

/** How long to wait until a program can accept a message if the caller sets no limit. */
const SEND_MS = 60_000;

export function processRuntime(options: ProcessOptions, context: PluginContext): Runtime {
  const watches = new Set<{ stop(): Promise<void> }>();
  const { graceMs } = options;
  return {
    name: "process",
    create: (config, call) => launch({ config, options, context }, call?.signal),
    destroy: (handle, call) => destroy(runOf(handle), { context, graceMs, signal: call?.signal }),
    sendMessage: (handle, message, call) => send({ run: runOf(handle), clock: context.clock }, message, call ?? {}),
    async getOutput(handle, lines = 100) {
      // Until the runner has recorded the end, the last output may still be arriving.
      await judge(runOf(handle), context.clock);
      return lastOutput(runOf(handle).dir, lines);
    },
    isAlive: async (handle) => isAgentRunning(runOf(handle)),
    getProcess: async (handle) => await judge(runOf(handle), context.clock),
    getMetrics: async (handle) => metrics(runOf(handle)),
    listProcesses: async (handle) => sessionProcesses(treeOf(runOf(handle)), context.clock),
    endProcesses: (handle, processes, { signal } = {}) =>
      endSessionProcesses(processes, {
        ...treeOf(runOf(handle)),
        clock: context.clock,
        graceMs,
        ...(signal === undefined ? {} : { signal }),
      }),
    getAttachInfo: async (handle) => attachInfo(runOf(handle), options, context),
    async watch(handle, onFact) {
      const watch = watchRun(runOf(handle), context, onFact);
      watches.add(watch);
      return {
        async stop() {
          watches.delete(watch);
          await watch.stop();
        },
      };
    },
    view: (handle, events) => viewRun(runOf(handle), events),
    sendKeys: (handle, keys) => withRunner(runOf(handle), (client) => client.call("keys", { keys })),
    ring: (handle, text) => withRunner(runOf(handle), (client) => client.call("ring", { text: oneLine(text) })),
    place: (session) => hostPlace(session, context),
    list: async () => listHeld(context),
    check: () => check(options, context),
    async close() {
      await Promise.all([...watches].map((watch) => watch.stop()));
      watches.clear();
    },
  };
}

async function send({ run, clock }: { run: Run; clock: Clock }, message: string, options: SendOptions): Promise<void> {
  const text = cleanMessage(message);
  const request = { text, messageId: options.id ?? null, paste: options.paste ?? null };
  const limits = { timeoutMs: SEND_MS, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const call = (client: RunnerClient): Promise<unknown> =>
    options.paste === "typed"
      ? typeMessage({ client, clock }, text, { options, limits })
      : client.call("send", request, limits);
  try {
    await withRunner(run, call);
  } catch (error) {
    // The runner is gone, but its list of written messages still exists.
    // It was noted before the first key, so it says nothing about a message that was interrupted.
    if (options.paste === "typed") throw error;
    if (options.id === undefined || !wasWritten(run.dir, options.id)) throw error;
  }
}

function wasWritten(dir: string, id: string): boolean {
  return (readIfThere(join(dir, "written")) ?? "").split("\n").includes(id);
}

async function withRunner(run: Run, call: (client: RunnerClient) => Promise<unknown>): Promise<void> {
  let client: RunnerClient | null = null;
  try {
    client = await connectRunner(run.socket);
    await call(client);
  } catch (error) {
    if (!isAgentRunning(run)) throw ended(error);
    throw client === null || !isRunning(run.runner) ? orphaned(error) : error;
  } finally {
    client?.close();
  }
}

const ended = (cause: unknown): AoError =>
  new AoError("UNAVAILABLE", "the agent's program has ended", { hint: "`ao restore` starts it again.", cause });

const orphaned = (cause: unknown): AoError =>
  new AoError("UNAVAILABLE", "the agent runs, but its runner cannot be reached, so nothing can be typed", {
    hint: "Run `ao kill`, then `ao restore` to start it again in the same folder.",
    cause,
  });

/** Only of this launch, and without its runner. */
const treeOf = (run: Run): TreeQuestion => ({
  roots: run.startId === null ? [] : [{ pid: run.pid, startId: run.startId }],
  marks: { AO_LAUNCH: run.key },
  spare: [run.runner.pid],
});

function metrics(run: Run): { rssBytes: number; cpuMs: number } {
  const rows = processTree({ roots: run.startId === null ? [] : [{ pid: run.pid, startId: run.startId }] });
  return {
    rssBytes: rows.reduce((sum, row) => sum + row.rssBytes, 0),
    cpuMs: rows.reduce((sum, row) => sum + row.cpuMs, 0),
  };
}

function attachInfo(run: Run, options: ProcessOptions, context: PluginContext): AttachInfo {
  if (!isRunning(run.runner)) throw isAgentRunning(run) ? orphaned(undefined) : ended(undefined);
  const client = helperPath("process-attach-entry.js", context);
  const key = options.detachKey.slice(2).toUpperCase();
  return {
    argv: [process.execPath, client, run.socket, options.detachKey, run.sessionId],
    detachHint: `Press Ctrl-${key} to leave. The agent continues.`,
    detachKeys: [options.detachKey],
  };
}
