// Generated from the daemon's requests by `npm run docs`.
import type { Change } from "@agent-orchestrator/daemon/requests";

/** The requests that change something. A command gives each of them an id. */
export const CHANGES = {
  answer: true,
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
  replace: true,
  report: true,
  restore: true,
  review: true,
  send: true,
  set: true,
  spawn: true,
  stop: true,
  trust: true,
  uninstall: true,
} as const satisfies Record<Change, true>;
