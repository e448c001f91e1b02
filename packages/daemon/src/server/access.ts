import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Access } from "../define-request.ts";
import type { Asker } from "./asker.ts";

interface Wish {
  name: string;
  access: Access;
  needsTerminal: true | undefined;
  params: unknown;
  asker: Asker;
}

/** Throws NOT_PERMITTED unless this asker may make this request. */
export function requirePermission(wish: Wish): void {
  const { name, access, asker } = wish;
  if (asker.who === "browser") {
    if (wish.needsTerminal !== true) return;
    throw refused(`\`ao ${name}\` can only be run in a terminal`, `Run \`ao ${name}\` there.`);
  }
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
