import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import type { App } from "../app.ts";

/** The project of a session. Throws CONFIG if it is gone, or its config is and cannot be remembered. */
export function requireProject(app: App, record: SessionRecord): ProjectConfig {
  const project = app.world.project(record);
  if (project !== null && existsSync(project.path)) return project;
  const configPath = app.engine.state.instances[record.instanceId]?.configPath ?? null;
  const missing = [configPath, project?.path ?? null].find((path) => path !== null && !existsSync(path)) ?? null;
  if (missing === null) throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`);
  const hint = movedOrDeleted(missing === configPath ? dirname(missing) : missing);
  throw new AoError("CONFIG", `${missing} is missing`, { hint });
}

/** Nobody but the user knows which of the two it was. */
export const movedOrDeleted = (folder: string): string =>
  `Moved: run \`ao doctor --fix\` in the new folder. Deleted: \`ao forget ${shellQuote(folder)}\`.`;
