import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { plural } from "@agent-orchestrator/core/decide/text";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { Connection } from "@agent-orchestrator/core/slots/workspace";
import type { App } from "../app.ts";
import { heldBy } from "../sessions/leaving.ts";
import { movedOrDeleted } from "../sessions/project-place.ts";
import { orphanRows } from "./orphans.ts";
import { strangerRows } from "./strangers.ts";

/** Whether configs, repositories and checkouts are where they were, and refer to each other. */
export async function placeRows(app: App): Promise<DoctorRow[]> {
  return [
    ...missingRows(app),
    ...(await connectionRows(app)),
    ...(await orphanRows(app)),
    ...(await strangerRows(app)),
  ];
}

function missingRows(app: App): DoctorRow[] {
  return app.configs.gone().flatMap(({ id, configPath }) => {
    const held = heldBy(app.engine.state, ({ instanceId }) => instanceId === id);
    if (held.length === 0) return [];
    const ids = held.map((record) => record.id).join(", ");
    return [
      {
        area: "config",
        level: "error" as const,
        text: `${configPath} is missing, and it still has ${plural(held.length, "session")}: ${ids}`,
        hint: movedOrDeleted(dirname(configPath)),
      },
    ];
  });
}

async function connectionRows(app: App): Promise<DoctorRow[]> {
  const rows: DoctorRow[] = [];
  for (const record of heldBy(app.engine.state, ({ workspacePath }) => workspacePath !== null)) {
    const row = await connectionRow(app, record);
    if (row !== null) rows.push(row);
  }
  return rows;
}

async function connectionRow(app: App, record: SessionRecord): Promise<DoctorRow | null> {
  const project = app.world.project(record);
  const path = record.workspacePath;
  if (project === null || path === null) return null; // reported for the config
  const area = "checkout";
  if (!existsSync(path)) {
    const hint = `\`ao doctor --fix\` looks where it may be now; \`ao restore ${record.id}\` recreates it from its branch.`;
    return { area, level: "error", text: `${record.id}: ${path} is missing`, hint };
  }
  try {
    const connection = await connectionOf(app, record, { project, path });
    if (connection === "connected") return null;
    if (connection === "moved") {
      const text = `${record.id}: its checkout and ${project.path} do not find each other any more; one of them was moved`;
      return { area, level: "error", text, hint: "Run `ao doctor --fix`." };
    }
    return {
      area,
      level: "error",
      text: `${record.id}: ${project.path} is not the repository of its checkout`,
      hint: letGo(record),
    };
  } catch (error) {
    const { code, message, hint } = toAoError(error);
    // Nobody has to let go of a checkout that can be looked at once its config is trusted.
    const way = code === "UNTRUSTED" && hint !== undefined ? hint : letGo(record);
    return { area, level: "error", text: `${record.id}: ${message}`, hint: way };
  }
}

const letGo = ({ id, workspacePath }: SessionRecord): string =>
  `Bring the old repository back, or take what you need from ${workspacePath} and forget the session with \`ao forget ${id}\`.`;

interface Place {
  project: ProjectConfig;
  path: string;
}

export async function connectionOf(app: App, record: SessionRecord, { project, path }: Place): Promise<Connection> {
  const workspace = await app.world.plugins(record).workspace();
  return (await workspace.connection?.(path, project, { sessionId: record.id })) ?? "connected";
}
