// Generated from the files of `handlers` by `npm run docs`.
import { request as answerRequest } from "./handlers/answer.ts";
import { request as attachRequest } from "./handlers/attach.ts";
import { request as boardRequest } from "./handlers/board.ts";
import { request as checksRequest } from "./handlers/checks.ts";
import { request as claimRequest } from "./handlers/claim.ts";
import { request as cleanupRequest } from "./handlers/cleanup.ts";
import { request as configShowRequest } from "./handlers/config-show.ts";
import { request as configValidateRequest } from "./handlers/config-validate.ts";
import { request as dashboardRequest } from "./handlers/dashboard.ts";
import { request as diffRequest } from "./handlers/diff.ts";
import { request as digestRequest } from "./handlers/digest.ts";
import { request as doctorRequest } from "./handlers/doctor.ts";
import { request as eventsRequest } from "./handlers/events.ts";
import { request as execRequest } from "./handlers/exec.ts";
import { request as explainRequest } from "./handlers/explain.ts";
import { request as forgetRequest } from "./handlers/forget.ts";
import { request as handoffRequest } from "./handlers/handoff.ts";
import { request as inboxRequest } from "./handlers/inbox.ts";
import { request as initRequest } from "./handlers/init.ts";
import { request as interruptRequest } from "./handlers/interrupt.ts";
import { request as issuesRequest } from "./handlers/issues.ts";
import { request as killRequest } from "./handlers/kill.ts";
import { request as logsRequest } from "./handlers/logs.ts";
import { request as mergeRequest } from "./handlers/merge.ts";
import { request as notifyLogRequest } from "./handlers/notify-log.ts";
import { request as notifyTestRequest } from "./handlers/notify-test.ts";
import { request as openRequest } from "./handlers/open.ts";
import { request as pathRequest } from "./handlers/path.ts";
import { request as pauseRequest } from "./handlers/pause.ts";
import { request as pingRequest } from "./handlers/ping.ts";
import { request as pluginListRequest } from "./handlers/plugin-list.ts";
import { request as prCreateRequest } from "./handlers/pr-create.ts";
import { request as projectsRequest } from "./handlers/projects.ts";
import { request as readyRequest } from "./handlers/ready.ts";
import { request as replaceRequest } from "./handlers/replace.ts";
import { request as reportRequest } from "./handlers/report.ts";
import { request as restoreRequest } from "./handlers/restore.ts";
import { request as reviewRequest } from "./handlers/review.ts";
import { request as reviewHeldRequest } from "./handlers/review-held.ts";
import { request as reviewReleaseRequest } from "./handlers/review-release.ts";
import { request as sendRequest } from "./handlers/send.ts";
import { request as setRequest } from "./handlers/set.ts";
import { request as showRequest } from "./handlers/show.ts";
import { request as snoozeRequest } from "./handlers/snooze.ts";
import { request as spawnRequest } from "./handlers/spawn.ts";
import { request as statusRequest } from "./handlers/status.ts";
import { request as stopRequest } from "./handlers/stop.ts";
import { request as transcriptRequest } from "./handlers/transcript.ts";
import { request as trustRequest } from "./handlers/trust.ts";
import { request as uninstallRequest } from "./handlers/uninstall.ts";
import { request as waitRequest } from "./handlers/wait.ts";

/** Request name → its declaration. */
export const handlers = {
  answer: answerRequest,
  attach: attachRequest,
  board: boardRequest,
  checks: checksRequest,
  claim: claimRequest,
  cleanup: cleanupRequest,
  "config-show": configShowRequest,
  "config-validate": configValidateRequest,
  dashboard: dashboardRequest,
  diff: diffRequest,
  digest: digestRequest,
  doctor: doctorRequest,
  events: eventsRequest,
  exec: execRequest,
  explain: explainRequest,
  forget: forgetRequest,
  handoff: handoffRequest,
  inbox: inboxRequest,
  init: initRequest,
  interrupt: interruptRequest,
  issues: issuesRequest,
  kill: killRequest,
  logs: logsRequest,
  merge: mergeRequest,
  "notify-log": notifyLogRequest,
  "notify-test": notifyTestRequest,
  open: openRequest,
  path: pathRequest,
  pause: pauseRequest,
  ping: pingRequest,
  "plugin-list": pluginListRequest,
  "pr-create": prCreateRequest,
  projects: projectsRequest,
  ready: readyRequest,
  replace: replaceRequest,
  report: reportRequest,
  restore: restoreRequest,
  review: reviewRequest,
  "review-held": reviewHeldRequest,
  "review-release": reviewReleaseRequest,
  send: sendRequest,
  set: setRequest,
  show: showRequest,
  snooze: snoozeRequest,
  spawn: spawnRequest,
  status: statusRequest,
  stop: stopRequest,
  transcript: transcriptRequest,
  trust: trustRequest,
  uninstall: uninstallRequest,
  wait: waitRequest,
};
