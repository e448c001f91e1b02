import type { StatusMeta } from "@agent-orchestrator/core/protocol/requests";
import type { App } from "./app.ts";

type Notice = StatusMeta["notices"][number];

/** What stands above the table of `ao status`: worst first. */
export function noticesOf(app: App): Notice[] {
  const notices: Notice[] = [];
  const { trouble } = app.engine;
  if (trouble !== null) {
    notices.push({
      level: "error",
      text: `nothing can be recorded: ${trouble.message}`,
      hint: trouble.hint ?? "Free some room; ao goes on by itself.",
    });
  }
  const unreachable = app.channels.unreachable();
  if (unreachable !== null) notices.push(unreachable);
  for (const problem of app.store.problems)
    notices.push({ level: "warning", text: problem.message, hint: "`ao doctor` has more." });
  for (const problem of app.configs.problems())
    notices.push({ level: "warning", text: problem, hint: "The last good config is in force: `ao config validate`." });
  const { isPaused, projects } = app.engine.state;
  if (isPaused) notices.push({ level: "warning", text: "everything is paused", hint: "`ao resume`" });
  for (const project of Object.values(projects)) {
    if (project.isPaused)
      notices.push({
        level: "warning",
        text: `${project.projectId} is paused`,
        hint: `\`ao resume ${project.projectId}\``,
      });
  }
  return notices;
}
