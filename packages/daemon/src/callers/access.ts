import { AoError } from "@agent-orchestrator/core/model/errors";
import type { RequestName } from "@agent-orchestrator/core/protocol/requests";
import type { Asker } from "./asker.ts";

/** `everyone`: any process of this user. `own`: also an agent, for its own session. */
export type Access = "user" | "own" | "everyone";

/** Who may request what. A request that is missing here does not compile. */
export const ACCESS: Readonly<Record<RequestName, Access>> = {
  ping: "everyone",
  report: "own",
  "pr-create": "own",
  show: "own",
  explain: "own",
  checks: "own",
  path: "own",
  diff: "own",
  answer: "user",
  attach: "user",
  cleanup: "user",
  "config-show": "user",
  "config-validate": "user",
  doctor: "user",
  events: "user",
  exec: "user",
  forget: "user",
  handoff: "user",
  init: "user",
  interrupt: "user",
  issues: "user",
  kill: "user",
  logs: "user",
  merge: "user",
  "notify-test": "user",
  open: "user",
  pause: "user",
  "plugin-list": "user",
  projects: "user",
  replace: "user",
  restore: "user",
  review: "user",
  send: "user",
  set: "user",
  spawn: "user",
  status: "user",
  stop: "user",
  trust: "user",
  uninstall: "user",
  wait: "user",
};

/** Throws NOT_PERMITTED unless this asker may make this request. */
export function requirePermission(wish: { name: RequestName; params: unknown; asker: Asker }): void {
  const { name, asker } = wish;
  const access = ACCESS[name];
  if (asker.who === "user" || access === "everyone") return;
  if (asker.who === "stranger") throw refused(`\`ao ${name}\` was refused: ${asker.why}`, WITHOUT_TOKEN);
  if (asker.who === "program") throw refused(`\`ao ${name}\` was refused: ${asker.why}`);
  if (access === "user") {
    throw refused(`an agent must not run \`ao ${name}\` (called from within ${asker.session})`);
  }
  const { session } = wish.params as { session?: unknown };
  if (session !== undefined && session !== asker.session) {
    throw refused(`an agent may only ask about its own session, ${asker.session}`, "Leave out the session.");
  }
}

const WITHOUT_TOKEN =
  "Run it with `ao`. If you did, `daemon/token` was lost; the daemon writes it again within a second.";

const refused = (message: string, hint = "Only the user can, from their own terminal."): AoError =>
  new AoError("NOT_PERMITTED", message, { hint });
