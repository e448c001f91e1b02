import type { RequestName } from "./requests.ts";

/**
 * `change`: a wish, which has an id and is carried out once under it, however often it is asked for again after a lost
 * connection. `look`: changes nothing. A request that is missing here does not compile.
 */
export const EFFECTS = {
  answer: "change",
  attach: "look",
  checks: "look",
  cleanup: "change",
  "config-show": "look",
  "config-validate": "look",
  diff: "look",
  /** With `fix`. */
  doctor: "change",
  events: "look",
  exec: "look",
  explain: "look",
  forget: "change",
  handoff: "change",
  init: "change",
  interrupt: "change",
  issues: "look",
  kill: "change",
  logs: "look",
  merge: "change",
  "notify-test": "change",
  open: "look",
  path: "look",
  pause: "change",
  ping: "look",
  "plugin-list": "look",
  "pr-create": "change",
  projects: "look",
  replace: "change",
  report: "change",
  restore: "change",
  review: "change",
  send: "change",
  set: "change",
  show: "look",
  spawn: "change",
  status: "look",
  stop: "change",
  trust: "change",
  uninstall: "change",
  wait: "look",
} as const satisfies Readonly<Record<RequestName, "change" | "look">>;

export type Change = { [N in RequestName]: (typeof EFFECTS)[N] extends "change" ? N : never }[RequestName];

export const isChange = (name: RequestName): name is Change => EFFECTS[name] === "change";
