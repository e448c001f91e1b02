import { findSession } from "@agent-orchestrator/core/decide/names";
import { toSessionView } from "@agent-orchestrator/core/decide/view";
import type { ActionKind } from "@agent-orchestrator/core/model/action";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Failure } from "@agent-orchestrator/core/model/fact";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { App } from "../app.ts";

/** The session that a reference names; throws NOT_FOUND or AMBIGUOUS. */
export function sessionOf(app: App, reference: string): SessionRecord {
  return findSession(app.engine.state, reference);
}

export function viewOf(app: App, id: string): SessionView {
  const record = app.engine.state.sessions[id];
  if (record === undefined) throw new AoError("NOT_FOUND", `no session ${id}`);
  return toSessionView(record, app.world.decideContext(record));
}

/** Throws when an action of this kind failed since `before` was looked up. */
export function throwIfFailed(app: App, wish: { id: string; kind: ActionKind; before: Failure | null }): void {
  const failure = app.engine.failure(wish.id, wish.kind);
  if (failure === null || failure === wish.before) return;
  throw new AoError(failure.code, `${wish.id}: ${failure.message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}
