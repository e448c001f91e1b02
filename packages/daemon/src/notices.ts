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
  for (const problem of app.store.problems) {
    if (problem.kind === "log-torn") continue; // the trace of a kill: nothing was lost
    notices.push({ level: "warning", text: problem.message, hint: "`ao doctor` has more." });
  }
  for (const problem of app.configs.problems())
    notices.push({ level: "warning", text: problem, hint: "The last good config is in force: `ao config validate`." });
  notices.push(...pauses(app));
  return notices;
}

function pauses(app: App): Notice[] {
  const { isPaused, projects } = app.engine.state;
  const paused = Object.values(projects).filter((project) => project.isPaused);
  return [
    ...(isPaused ? [{ level: "warning" as const, text: "everything is paused", hint: "`ao resume`" }] : []),
    ...paused.map(({ projectId }) => ({
      level: "warning" as const,
      text: `${projectId} is paused`,
      hint: `\`ao resume ${projectId}\``,
    })),
  ];
}
