import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, SendOptions } from "@agent-orchestrator/core/slots/runtime";
import type { Sent } from "@agent-orchestrator/plugin-kit/terminal/delivery";
import { bytesOf } from "@agent-orchestrator/plugin-kit/terminal/keys";
import { typePieces } from "@agent-orchestrator/plugin-kit/terminal/type-pieces";
import { attachInfo } from "./attach.ts";
import { check } from "./check.ts";
import { inspectContainer, isRunning, processOf } from "./container.ts";
import { end } from "./end.ts";
import { engineFor } from "./engine.ts";
import { type Desk, launch } from "./launch.ts";
import { handleOf, homeMark, LABELS, type Run, runFromLabels, runOf } from "./layout.ts";
import type { Line } from "./line.ts";
import { type Lines, lines } from "./lines.ts";
import { metrics } from "./metrics.ts";
import type { DockerOptions } from "./options.ts";
import { lastOutput } from "./output.ts";
import { dockerPlace } from "./place.ts";
import { endProcesses, listProcesses } from "./processes.ts";
import { watchRun } from "./watch.ts";

/** How long to wait until a program can accept a message if the caller sets no limit. */
const SEND_MS = 60_000;

export function dockerRuntime(options: DockerOptions, context: PluginContext): Runtime {
  const desk: Desk = { engine: engineFor(options, context), options, context };
  const { engine } = desk;
  const connections = lines(desk);
  const watches = new Set<{ stop(): Promise<void> }>();
  return {
    name: "docker",
    create: (config, call) => launch(desk, config, call?.signal),
    destroy: (handle) => end(desk, runOf(handle)),
    sendMessage: (handle, message, call) =>
      send({ connections, desk }, runOf(handle), { message, options: call ?? {} }),
    async getOutput(handle, count = 100) {
      const run = runOf(handle);
      return await lastOutput(engine, { run, found: await inspectContainer(engine, run), lines: count });
    },
    isAlive: async (handle) => isRunning(await inspectContainer(engine, runOf(handle))),
    getProcess: async (handle) => processOf(await inspectContainer(engine, runOf(handle))),
    getMetrics: (handle) => metrics(engine, runOf(handle)),
    listProcesses: (handle) => listProcesses(desk, runOf(handle)),
    endProcesses: (handle, processes, call) => endProcesses(desk, runOf(handle), { processes, signal: call?.signal }),
    getAttachInfo: (handle) => attachInfo(desk, runOf(handle)),
    async watch(handle, onFact) {
      const watch = watchRun(runOf(handle), { desk, lines: connections }, onFact);
      watches.add(watch);
      return {
        async stop() {
          watches.delete(watch);
          await watch.stop();
        },
      };
    },
    async sendKeys(handle, keys) {
      const line = await requireLine(connections, runOf(handle));
      for (const key of keys) await line.write(bytesOf(key));
    },
    place: (session) => dockerPlace(desk, session),
    list: () => held(desk),
    check: () => check(desk),
    async close() {
      await Promise.all([...watches].map((watch) => watch.stop()));
      watches.clear();
      await connections.close();
    },
  };
}

async function requireLine(connections: Lines, run: Run): Promise<Line> {
  const line = await connections.of(run);
  if (line !== null) return line;
  throw ENDED();
}

const ENDED = (): AoError =>
  new AoError("UNAVAILABLE", "the agent's program has ended", { hint: "`ao restore` starts it again." });

async function send(
  { connections, desk }: { connections: Lines; desk: Desk },
  run: Run,
  { message, options }: { message: string; options: SendOptions },
): Promise<void> {
  const line = await requireLine(connections, run);
  const signal = AbortSignal.any([
    AbortSignal.timeout(SEND_MS),
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  const text = cleanMessage(message);
  const messageId = options.id ?? null;
  if (options.paste !== "typed") {
    return requireWritten(await line.delivery.send({ messageId, text, paste: options.paste ?? null }, signal));
  }
  const typing = await line.delivery.type(messageId, signal);
  if (typeof typing === "string") return requireWritten(typing);
  try {
    await typePieces({ ...typing, withdraw: async () => typing.withdraw() }, text, {
      ...options,
      clock: desk.context.clock,
    });
  } finally {
    typing.release();
  }
}

function requireWritten(outcome: Sent): void {
  if (outcome === "gone") throw ENDED();
  if (outcome === "closed") throw new AoError("UNAVAILABLE", "the agent's program has closed its input");
  if (outcome === "cancelled") throw new AoError("TRY_AGAIN", "withdrawn before it was written");
}

/** Containers of this home, running or not, that nobody has destroyed. */
async function held({
  engine,
  context,
}: Desk): Promise<{ sessionId: string; instanceId: string; handle: RuntimeHandle }[]> {
  const label = [`${LABELS.home}=${homeMark(context)}`];
  const found = await engine.ask((client) => client.listContainers({ all: true, filters: { label } }));
  return found.flatMap(({ Labels }) => {
    const run = runFromLabels(Labels);
    return run === null ? [] : [{ sessionId: run.sessionId, instanceId: run.instanceId, handle: handleOf(run) }];
  });
}
