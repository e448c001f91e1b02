import { join } from "node:path";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { binDirOf, bindsOf } from "./binds.ts";
import { endingNote, inspectContainer, isRunning } from "./container.ts";
import { containerOptions } from "./container-options.ts";
import { type Engine, isConflict } from "./engine.ts";
import { gateArgv, gateText, makeGate, passGate } from "./gate.ts";
import { checkoutAround } from "./git-mounts.ts";
import { ensureImage, type Image } from "./image.ts";
import { homeOf, insideEnvironment, pathInside } from "./inside.ts";
import { handleOf, labelsOf, placesOf, type Run, runFor } from "./layout.ts";
import type { DockerOptions } from "./options.ts";
import { requireUser } from "./user.ts";

const START_MS = 30_000;
/** A shell's status for a program that is not there. */
const NOT_FOUND = 127;
/** As other runtimes give a program that nobody watches. */
export const OWN_SIZE = { columns: 120, rows: 40 };

export interface Desk {
  engine: Engine;
  options: DockerOptions;
  context: PluginContext;
}

/** Starts the program in a container, or continues what an earlier call with the same intent has started. */
export async function launch(desk: Desk, config: RuntimeCreateConfig, signal?: AbortSignal): Promise<RuntimeHandle> {
  const run = runFor(config, desk.context);
  const image = await ensureImage(desk.engine, desk.options, desk.context.log);
  try {
    if ((await inspectContainer(desk.engine, run)) === null) await createContainer(desk, { run, config, image });
    await startContainer(desk.engine, run, image);
    const text = gateText(config, await environmentOf(desk, { run, config, image }));
    await passGate(run, {
      context: desk.context,
      text,
      requireRunning: () => requireRunning(desk.engine, run, image),
      deadlineMs: START_MS,
      signal,
    });
  } catch (error) {
    if (signal?.aborted !== true) await forget(desk.engine, run);
    throw error;
  }
  return handleOf(run);
}

interface Start {
  run: Run;
  config: RuntimeCreateConfig;
  image: Image;
}

async function createContainer(desk: Desk, { run, config, image }: Start): Promise<void> {
  const { engine, options, context } = desk;
  const user = requireUser(options);
  const places = placesOf(run);
  await removeTree(run.dir);
  for (const dir of [
    places.gate,
    join(places.spool, "new"),
    join(places.spool, "tmp"),
    homeOf(run.sessionDir),
    places.messages,
  ])
    ensureDir(dir);
  await makeGate(run, context);
  const plan = {
    name: run.key,
    image: image.name,
    user,
    workingDir: config.workspacePath,
    argv: gateArgv(run),
    labels: labelsOf(run, context),
    binds: bindsOf(run, config, context),
    cpus: (await engine.ask((client) => client.info())).NCPU as number,
  };
  try {
    await engine.ask((client) => client.createContainer(containerOptions(options, plan)));
  } catch (error) {
    // An earlier call with this intent was quicker.
    if (!isConflict(error)) throw error;
  }
}

async function startContainer(engine: Engine, run: Run, image: Image): Promise<void> {
  try {
    await engine.ask(async (client) => {
      const container = client.getContainer(run.key);
      await container.start();
      // One that ended at once has no size. Why is found out below.
      await container.resize({ h: OWN_SIZE.rows, w: OWN_SIZE.columns }).catch(() => undefined);
    });
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { statusCode?: number } };
    if (cause?.statusCode === 304) return; // It runs already.
    if (/\/bin\/sh.*no such file/.test(message)) throw noShell(image);
    if (/docker-init/.test(message))
      throw cannot("the engine has no docker-init", "Install it (Debian: `tini`), or set `init: false`.");
    throw error;
  }
}

const noShell = ({ name }: Image): AoError =>
  cannot(
    `the image ${name} has no /bin/sh, which is all that it needs`,
    "Set `image:` or `build:` of the runtime to another.",
  );

const cannot = (message: string, hint?: string): AoError =>
  new AoError("UNAVAILABLE", message, hint === undefined ? {} : { hint });

async function requireRunning(engine: Engine, run: Run, image: Image): Promise<void> {
  const found = await inspectContainer(engine, run);
  if (isRunning(found)) return;
  // The container's init could not find the gate's shell.
  if (found?.State.ExitCode === NOT_FOUND) throw noShell(image);
  const note = endingNote(found);
  throw cannot(`the container ended before its program could start${note === null ? "" : `: ${note}`}`);
}

async function environmentOf(
  { options, context }: Desk,
  { run, config, image }: Start,
): Promise<Record<string, string>> {
  const path = pathInside(binDirOf(context), image.env.PATH);
  const inside = insideEnvironment(config.environment, { home: homeOf(run.sessionDir), path, extra: options.env });
  return { ...(await identity(config.workspacePath, context)), ...inside };
}

/** Who commits, by the user's own settings, which are not in the container. */
async function identity(workspacePath: string, context: PluginContext): Promise<Record<string, string>> {
  if (checkoutAround(workspacePath) === null) return {};
  const of = async (key: string): Promise<string> =>
    (
      await exec("git", ["config", "--get", key], { cwd: workspacePath, env: context.env(), okExits: [0, 1] })
    ).stdout.trim();
  const [name, email] = [await of("user.name"), await of("user.email")];
  return {
    ...(name === "" ? {} : { GIT_AUTHOR_NAME: name, GIT_COMMITTER_NAME: name }),
    ...(email === "" ? {} : { GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_EMAIL: email }),
  };
}

/** Ends the container with everything in it, and removes it. */
export async function forget(engine: Engine, run: Run): Promise<void> {
  await engine.find((client) => client.getContainer(run.key).remove({ force: true, v: true }));
  await removeTree(run.dir);
}
