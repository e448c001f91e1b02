// Generated from the daemon's requests by `npm run docs`.
import type { Change, RequestName } from "@agent-orchestrator/daemon/requests";

/** The requests that change something. A command gives each of them an id. */
export const CHANGES = {
  answer: true,
  claim: true,
  cleanup: true,
  doctor: true,
  forget: true,
  handoff: true,
  init: true,
  interrupt: true,
  kill: true,
  merge: true,
  "notify-test": true,
  pause: true,
  "pr-create": true,
  ready: true,
  replace: true,
  report: true,
  restore: true,
  review: true,
  "review-release": true,
  send: true,
  set: true,
  snooze: true,
  spawn: true,
  stop: true,
  trust: true,
  uninstall: true,
} as const satisfies Record<Change, true>;

/** The requests that need no environment. */
export const WITHOUT_ENV = {
  board: true,
  checks: true,
  dashboard: true,
  digest: true,
  events: true,
  explain: true,
  inbox: true,
  "notify-log": true,
  path: true,
  pause: true,
  ping: true,
  report: true,
  set: true,
  show: true,
  snooze: true,
  status: true,
  transcript: true,
} as const satisfies Partial<Record<RequestName, true>>;
