import { isoNow } from "@agent-orchestrator/core/host/clock";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { AttachInfo, Runtime, RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { hostPlace } from "@agent-orchestrator/plugin-kit/place/host-place";
import { checkTmux } from "./check.ts";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { deliver, settle } from "./deliver.ts";
import { Desk } from "./desk.ts";
import { end } from "./end.ts";
import { listLaunches, metricsOf, outputOfPane, processOf } from "./look.ts";
import { launchOf, RUNTIME_NAME } from "./naming.ts";
import type { TmuxOptions } from "./options.ts";
import { endProcesses, processesOf } from "./processes.ts";
import { ring } from "./ring.ts";
import { screenOf, sendKeys } from "./screen.ts";
import { start } from "./start.ts";
import { view } from "./view.ts";

/** Runs agents in tmux sessions of our own server. Every instance finds what earlier ones started. */
export function createTmuxRuntime(context: PluginContext, options: TmuxOptions): Required<Runtime> {
  const desk = new Desk(context, options);
  return {
    name: RUNTIME_NAME,
    create: (config, options = {}) => start(desk, config, options),
    destroy: (handle, options = {}) => end(desk, launchOf(handle), options),
    sendMessage: (handle, message, options = {}) => deliver(desk, launchOf(handle), { message, options }),
    getOutput: (handle, lines = 200) => outputOfPane(desk, launchOf(handle), lines),
    isAlive: async (handle, options = {}) => (await processOf(desk, launchOf(handle), options)).alive,
    getProcess: (handle, options = {}) => processOf(desk, launchOf(handle), options),
    getMetrics: async (handle) => metricsOf(desk, launchOf(handle)),
    getAttachInfo: (handle) => attachInfo(desk, handle),
    listProcesses: async (handle) => processesOf(desk, launchOf(handle)),
    endProcesses: (handle, processes, options = {}) => endProcesses(desk, launchOf(handle), { processes, options }),
    watch: (handle, onFact) => watch(desk, handle, onFact),
    view: (handle, events) => view(desk, launchOf(handle), events),
    getScreen: (handle) => screenOf(desk, launchOf(handle)),
    sendKeys: (handle, keys) => sendKeys(desk, launchOf(handle), keys),
    ring: (handle, text) => ring(desk, launchOf(handle), text),
    place: (session) => hostPlace(session, context),
    list: () => listLaunches(desk),
    check: () => checkTmux(desk, options.program),
    close: () => close(desk),
  };
}

const detachInfo = (keys: string[]): Pick<AttachInfo, "detachHint" | "detachKeys"> => ({
  detachHint: `Press ${keys.map((key) => key.replace(/^C-/, "Ctrl-")).join(" ")} to leave. The agent continues.`,
  detachKeys: keys,
});

/** Prefix and key as they are bound now, by the user's tmux.conf too. Null where no key detaches. */
async function detachKeys(client: ControlClient): Promise<string[] | null> {
  const [prefix = "None"] = await client.run(command("display-message", "-p", "#{prefix}"));
  const bindings = await client.run(command("list-keys", "-T", "prefix"));
  const found = bindings.map((line) => /\s-T prefix\s+(\S+)\s+detach-client\s*$/.exec(line)?.[1]);
  const keys = found.filter((key): key is string => key !== undefined);
  const key = keys.includes("d") ? "d" : keys[0];
  return prefix === "None" || key === undefined ? null : [prefix, key];
}

async function attachInfo(desk: Desk, handle: RuntimeHandle): Promise<AttachInfo> {
  const launch = launchOf(handle);
  const found = await desk.paneOf(launch);
  if (found === undefined) throw new AoError("UNAVAILABLE", `the terminal of ${launch.sessionId} is gone`);
  const keys = await detachKeys(found.client);
  // Inside the user's own tmux ours would refuse to nest, so remove its marks.
  const clean = ["env", "-u", "TMUX", "-u", "TMUX_PANE"];
  return {
    argv: [...clean, ...desk.server.argv("attach-session", "-t", `=${launch.name}:`)],
    ...(keys === null ? { detachHint: "Close this terminal to leave. The agent continues." } : detachInfo(keys)),
  };
}

async function watch(
  desk: Desk,
  handle: RuntimeHandle,
  onFact: (fact: RuntimeFact) => void,
): Promise<{ stop(): Promise<void> }> {
  const launch = launchOf(handle);
  desk.records.open();
  const found = await desk.paneOf(launch);
  const remove = desk.watches.add(launch.key, onFact);
  const stopping = new AbortController();
  if (found !== undefined) {
    // Report a ready pane again. Facts are hints, and this listener has not heard it.
    if (found.pane.isReady) onFact({ kind: "ready", at: isoNow(desk.context.clock) });
    else void settleUntil(desk, found, stopping.signal);
  }
  return {
    async stop() {
      stopping.abort();
      remove();
    },
  };
}

async function settleUntil(desk: Desk, found: Parameters<typeof settle>[1], stopping: AbortSignal): Promise<void> {
  const ending = joinSignals(stopping, desk.closing);
  await settle(desk, found, ending.signal).catch(() => undefined); // Stopped, or reported as lost.
  ending.release();
}

/** A server without any agent, living or dead, has nothing to wait for. */
async function close(desk: Desk): Promise<void> {
  try {
    const client = await desk.server.client({ start: false });
    if (client !== null && (await listLaunches(desk)).length === 0) await client.run(command("kill-server"));
  } catch (error) {
    desk.context.log.debug("tmux: closed without a final check", { error: String(error) });
  } finally {
    desk.close();
  }
}
