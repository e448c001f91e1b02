import type { RequestName } from "@agent-orchestrator/core/protocol/requests";
import type { z } from "zod";
import type { App, Call } from "./app.ts";
import * as answerRequest from "./handlers/answer.ts";
import * as attachRequest from "./handlers/attach.ts";
import * as checksRequest from "./handlers/checks.ts";
import * as cleanupRequest from "./handlers/cleanup.ts";
import * as configShowRequest from "./handlers/config-show.ts";
import * as configValidateRequest from "./handlers/config-validate.ts";
import * as diffRequest from "./handlers/diff.ts";
import * as doctorRequest from "./handlers/doctor.ts";
import * as eventsRequest from "./handlers/events.ts";
import * as execRequest from "./handlers/exec.ts";
import * as explainRequest from "./handlers/explain.ts";
import * as forgetRequest from "./handlers/forget.ts";
import * as handoffRequest from "./handlers/handoff.ts";
import * as initRequest from "./handlers/init.ts";
import * as interruptRequest from "./handlers/interrupt.ts";
import * as issuesRequest from "./handlers/issues.ts";
import * as killRequest from "./handlers/kill.ts";
import * as logsRequest from "./handlers/logs.ts";
import * as mergeRequest from "./handlers/merge.ts";
import * as notifyTestRequest from "./handlers/notify-test.ts";
import * as openRequest from "./handlers/open.ts";
import * as pathRequest from "./handlers/path.ts";
import * as pauseRequest from "./handlers/pause.ts";
import * as pingRequest from "./handlers/ping.ts";
import * as pluginListRequest from "./handlers/plugin-list.ts";
import * as prCreateRequest from "./handlers/pr-create.ts";
import * as projectsRequest from "./handlers/projects.ts";
import * as replaceRequest from "./handlers/replace.ts";
import * as reportRequest from "./handlers/report.ts";
import * as restoreRequest from "./handlers/restore.ts";
import * as reviewRequest from "./handlers/review.ts";
import * as sendRequest from "./handlers/send.ts";
import * as setRequest from "./handlers/set.ts";
import * as showRequest from "./handlers/show.ts";
import * as spawnRequest from "./handlers/spawn.ts";
import * as statusRequest from "./handlers/status.ts";
import * as stopRequest from "./handlers/stop.ts";
import * as trustRequest from "./handlers/trust.ts";
import * as uninstallRequest from "./handlers/uninstall.ts";
import * as waitRequest from "./handlers/wait.ts";

interface AnyHandler {
  params: z.ZodType;
  run(app: App, params: unknown, call: Call): Promise<{ data: unknown; meta?: unknown }>;
}

/** Request name → its file. The parameters are parsed by the handler's own schema before it runs. */
export const handlers: Readonly<Record<RequestName, AnyHandler>> = {
  answer: answerRequest as AnyHandler,
  attach: attachRequest as AnyHandler,
  checks: checksRequest as AnyHandler,
  cleanup: cleanupRequest as AnyHandler,
  "config-show": configShowRequest as AnyHandler,
  "config-validate": configValidateRequest as AnyHandler,
  diff: diffRequest as AnyHandler,
  doctor: doctorRequest as AnyHandler,
  events: eventsRequest as AnyHandler,
  exec: execRequest as AnyHandler,
  explain: explainRequest as AnyHandler,
  forget: forgetRequest as AnyHandler,
  handoff: handoffRequest as AnyHandler,
  init: initRequest as AnyHandler,
  interrupt: interruptRequest as AnyHandler,
  issues: issuesRequest as AnyHandler,
  kill: killRequest as AnyHandler,
  logs: logsRequest as AnyHandler,
  merge: mergeRequest as AnyHandler,
  "notify-test": notifyTestRequest as AnyHandler,
  open: openRequest as AnyHandler,
  path: pathRequest as AnyHandler,
  pause: pauseRequest as AnyHandler,
  ping: pingRequest as AnyHandler,
  "plugin-list": pluginListRequest as AnyHandler,
  "pr-create": prCreateRequest as AnyHandler,
  projects: projectsRequest as AnyHandler,
  replace: replaceRequest as AnyHandler,
  report: reportRequest as AnyHandler,
  restore: restoreRequest as AnyHandler,
  review: reviewRequest as AnyHandler,
  send: sendRequest as AnyHandler,
  set: setRequest as AnyHandler,
  show: showRequest as AnyHandler,
  spawn: spawnRequest as AnyHandler,
  status: statusRequest as AnyHandler,
  stop: stopRequest as AnyHandler,
  trust: trustRequest as AnyHandler,
  uninstall: uninstallRequest as AnyHandler,
  wait: waitRequest as AnyHandler,
};

export const isRequest = (name: string): name is RequestName => Object.hasOwn(handlers, name);
