import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { isConfigNeeded } from "@agent-orchestrator/core/decide/commands/configs";
import { overdueAway } from "@agent-orchestrator/core/decide/kept-work";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import type { App } from "../app.ts";

const FIRST_MS = 60_000;
const EVERY_MS = 10 * 60_000;

/** Regularly packs the log, and removes work kept beyond `cleanup.preserve`, answered wishes, and what archived sessions no longer need. */
export function startHousekeeping(app: App): { stop(): void } {
  const stopping = new AbortController();
  void keepHouse(app, stopping.signal);
  return { stop: () => stopping.abort() };
}

async function keepHouse(app: App, signal: AbortSignal): Promise<void> {
  const { clock } = app.world;
  let lastMs = clock.monotonic();
  try {
    for (let pauseMs = FIRST_MS; ; pauseMs = EVERY_MS) {
      await clock.sleep(pauseMs, signal);
      const elapsedMs = clock.monotonic() - lastMs;
      lastMs += elapsedMs;
      await tidy(app, elapsedMs).catch((error: unknown) => app.world.log.warn(`housekeeping: ${String(error)}`));
    }
  } catch (error) {
    if (!signal.aborted) app.world.log.warn(`housekeeping: ${String(error)}`);
  }
}

/** Does one round. The removal of kept work is recorded first: a crash in between leaves a folder, never a false record. */
async function tidy(app: App, elapsedMs: number): Promise<void> {
  await forgetGone(app);
  const nowMs = app.world.clock.now();
  const warn = (error: unknown) => app.world.log.warn(`housekeeping: ${String(error)}`);
  const keepMs = Object.fromEntries(
    Object.keys(app.engine.state.instances).map((id) => [id, app.configs.get(id)?.preserveMs ?? null]),
  );
  const keepMsOf = ({ instanceId }: Pick<SessionRecord, "instanceId">) => keepMs[instanceId] ?? null;
  for (const id of overdueAway(app.engine.state, { nowMs, keepMsOf })) await app.archive.recall(id).catch(warn);
  const { folders } = await app.engine.command({ kind: "tidy", elapsedMs, keepMs });
  await app.archive.putAway(app.stopping);
  await app.logWorker.run("pack", null, app.stopping);
  for (const folder of folders) {
    await removeTree(folder).catch((error: unknown) => {
      app.world.log.warn(`housekeeping: ${folder} could not be removed: ${String(error)}`);
    });
  }
}

/** Configs that were deleted with their folder, and have nothing left to restore. */
export async function forgetGone(app: App): Promise<void> {
  for (const { id, configPath } of app.configs.gone()) {
    if (!existsSync(dirname(configPath)) && !isConfigNeeded(app.engine.state, id)) await app.configs.forget(id);
  }
}
