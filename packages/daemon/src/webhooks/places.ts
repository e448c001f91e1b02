import { ScmWebhook } from "@agent-orchestrator/core/model/config-plugin";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { App } from "../app.ts";

/** A project that wants to hear of its forge's webhooks. */
export interface Place {
  project: ProjectConfig;
  path: string;
  port: number;
}

/** Of all configs in force. A config that waits for trust opens no port. */
export function placesOf(app: App): Place[] {
  const instances = app.configs.all().map(({ id }) => app.configs.get(id));
  const projects = instances.flatMap((instance) => (instance?.trust.isTrusted ? instance.projects : []));
  return projects.flatMap((project) => {
    const found = ScmWebhook.safeParse(project.scm.options.webhook);
    return found.success ? [{ project, path: found.data.path, port: found.data.port }] : [];
  });
}
