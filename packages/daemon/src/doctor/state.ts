import { statfsSync } from "node:fs";
import { join } from "node:path";
import { listDir } from "@agent-orchestrator/core/host/files";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";
import { linkRows } from "./links.ts";

const LOW_BYTES = 1024 ** 3;
const OLD_INTENT_MS = 10 * 60_000;

/** Checks the state folder for damage found at the start, free space, and actions that have been running too long. */
export async function stateRows(app: App): Promise<DoctorRow[]> {
  const found = await app.logWorker.run("verify", null, app.stopping);
  const rows: DoctorRow[] = [...app.store.problems, ...found.parsed()].map((problem) => ({
    area: "state",
    level: "warning",
    text: problem.message,
  }));
  rows.push(...forgedRows(app), ...linkRows(app.home));
  const disk = statfsSync(app.home);
  const free = disk.bavail * disk.bsize;
  if (free < LOW_BYTES) {
    rows.push({
      area: "disk",
      level: "warning",
      text: `${Math.round(free / 1024 ** 2)} MiB are free in ${app.home}`,
      hint: "Run `ao cleanup` to remove sessions that have ended.",
    });
  }
  const now = app.world.clock.now();
  for (const intent of Object.values(app.engine.state.intents)) {
    if (now - Date.parse(intent.at) < OLD_INTENT_MS) continue;
    rows.push({
      area: "state",
      level: "warning",
      text: `${intent.sessionId ?? ""}: ${intent.action.kind} has been running since ${intent.at}`,
      hint: "Run `ao logs` to see why, or `ao restart` to try again.",
    });
  }
  if (rows.length === 0) rows.push({ area: "state", level: "ok", text: `${app.home}: log and sessions are intact` });
  return rows;
}

/** Records of pull requests and checks that lacked the daemon's seal. They stay in quarantine until you delete them. */
function forgedRows({ store }: App): DoctorRow[] {
  const { quarantine } = store.layout;
  const names = (listDir(quarantine) ?? []).filter((name) => name.startsWith("scm-")).sort();
  return names.map((name) => ({
    area: "state",
    level: "warning" as const,
    text: `${join(quarantine, name)}: a record of a pull request or check that ao did not write; it was set aside`,
    hint: "Look at it, and delete it. If it was a pull request, `ao pr create` opens a new one.",
  }));
}
