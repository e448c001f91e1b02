import { statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { isExecutable } from "@agent-orchestrator/plugin-kit/program";
import { command } from "./command-quoting.ts";
import { type Desk, marksOf } from "./desk.ts";
import { endLaunch } from "./end.ts";
import { launchText } from "./launch.ts";
import { type HandleData, handleOf, intentOf, type Launch, launchOf } from "./naming.ts";
import { newSession } from "./panes.ts";
import { RUNNER } from "./runner.ts";

const START_MS = 10_000;
const STEP_MS = 4;

/**
 * Starts the program once per intent. What a first attempt left behind is found by the intent's id and finished, or removed if its
 * program never ran.
 */
export async function start(desk: Desk, config: RuntimeCreateConfig, options: CallOptions): Promise<RuntimeHandle> {
  const handle = handleOf(handleData(config));
  const launch = launchOf(handle);
  if (desk.records.readPid(launch.key) !== null) return handle;
  const client = await desk.client();
  await client.mustAnswer();
  let pane = desk.panes.find(launch.name, launch.intent);
  if (pane === undefined || !(await isUnderWay(desk, launch))) {
    await clearName(desk, launch);
    mustBeStartable(config);
    desk.records.writeOnce(desk.runnerPath, RUNNER);
    desk.records.writeLaunch(launch.key, launchText(config, marksOf(desk, launch)));
    const { name, sessionId, intent } = launch;
    const argv = ["/bin/sh", desk.runnerPath, desk.records.path(launch.key)];
    const title = oneLine(config.title ?? "", 60).replaceAll("#", "");
    const [row = ""] = await client.run(newSession({ name, sessionId, title, intent, argv }));
    const [paneId = "", windowId = "", tty = ""] = row.split("\t");
    pane = desk.panes.addNew({ paneId, windowId, tty, intent, name });
  }
  await untilStarted(desk, launch, options);
  return handle;
}

function handleData(config: RuntimeCreateConfig): HandleData {
  return {
    intent: intentOf(config.intentId ?? newId()),
    sessionId: config.sessionId,
    instanceId: config.instanceId ?? "",
    ...(config.paste === undefined ? {} : { paste: config.paste }),
    ...(config.sessionDir === undefined ? {} : { sessionDir: config.sessionDir }),
  };
}

/** A pane of a first attempt whose runner has not started the program yet. False if that runner is dead. */
async function isUnderWay(desk: Desk, launch: Launch): Promise<boolean> {
  const found = await desk.paneOf(launch);
  if (found === undefined) return false;
  const [isDead] = await found.client.run(command("display-message", "-p", "-t", found.pane.paneId, "#{pane_dead}"));
  return isDead === "0" || desk.records.readPid(launch.key) !== null;
}

/** An earlier launch has the name. Refuses while its program runs, else removes what is left of it. */
async function clearName(desk: Desk, launch: Launch): Promise<void> {
  for (const key of desk.records.keys(launch.name)) {
    const record = desk.records.readPid(key);
    if (record !== null && isRunning(record.agent)) {
      throw new AoError("REFUSED", `the program of ${launch.sessionId} still runs (pid ${record.agent.pid})`, {
        hint: `End it first: ao kill ${launch.sessionId}`,
      });
    }
  }
  const client = await desk.client();
  const old = desk.panes.byName(launch.name);
  for (const key of desk.records.keys(launch.name)) await endLaunch(desk, { name: launch.name, key });
  if (old !== undefined) {
    await client.run(command("kill-window", "-t", old.windowId)).catch(() => undefined); // Gone by now.
    desk.panes.drop(old);
  }
  await client.run(command("kill-session", "-t", `=${launch.name}:`)).catch(() => undefined); // There was none.
}

async function untilStarted(desk: Desk, launch: Launch, options: CallOptions): Promise<void> {
  const { clock } = desk.context;
  const end = clock.monotonic() + START_MS;
  while (desk.records.readPid(launch.key) === null) {
    if (desk.records.readExit(launch.key) !== null) {
      throw new AoError("UNAVAILABLE", `the program of ${launch.sessionId} could not be started`);
    }
    if (clock.monotonic() > end) throw new AoError("UNREACHABLE", `tmux did not start ${launch.sessionId} in time`);
    await clock.sleep(STEP_MS, options.signal);
  }
}

/** Reports what can be known before the start as an error, not as an exit status of 127. */
function mustBeStartable({ argv, environment, workspacePath }: RuntimeCreateConfig): void {
  if (!isAbsolute(workspacePath) || !statSync(workspacePath, { throwIfNoEntry: false })?.isDirectory()) {
    throw new AoError("UNAVAILABLE", `no such folder: ${workspacePath}`);
  }
  const program = argv?.[0];
  if (program === undefined) return;
  const folders = program.includes("/") ? [workspacePath] : (environment.PATH ?? "/usr/bin:/bin").split(delimiter);
  const places = isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program));
  if (!places.some(isExecutable)) {
    throw new AoError("UNAVAILABLE", `${program} could not be started: not found`, {
      hint: `Is ${program} installed and on PATH? \`ao doctor\` shows what ao sees.`,
    });
  }
}
