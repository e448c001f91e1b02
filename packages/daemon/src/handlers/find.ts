import { findSession } from "@agent-orchestrator/core/decide/names";
import { noResult } from "@agent-orchestrator/core/decide/no-result";
import { toSessionView } from "@agent-orchestrator/core/decide/view";
import type { ActionKind } from "@agent-orchestrator/core/model/action";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Failure } from "@agent-orchestrator/core/model/fact";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { App, Call } from "../app.ts";

/** The session that a reference names. Throws NOT_FOUND or AMBIGUOUS. */
export function sessionOf(app: App, reference: string): SessionRecord {
  return findSession(app.engine.state, reference);
}

export function viewOf(app: App, id: string): SessionView {
  const record = app.engine.state.sessions[id];
  if (record === undefined) throw new AoError("NOT_FOUND", `no session ${id}`);
  return liveView(app, record);
}

/** Adds what is known only while it happens. */
export function liveView(app: App, record: SessionRecord): SessionView {
  const setUp = app.world.setUps.of(record.id);
  const view = toSessionView(record, app.world.decideContext(record));
  return setUp === null ? view : { ...view, setUp };
}

/** The user has seen it, so what only needed a look no longer needs them. */
export function noteLook(
  app: App,
  { id, attention }: SessionRecord,
  { agentSession }: Pick<Call, "agentSession">,
): void {
  if (agentSession !== null || attention === null) return;
  const record = app.engine.state.sessions[id];
  if (record === undefined || noResult(record, app.world.decideContext(record)) === null) return;
  app.engine.tell(id, [{ kind: "human-did", what: "looked" }]);
}

/** Throws if an action of this kind has failed since `before` was looked up. */
export function throwIfFailed(app: App, wish: { id: string; kind: ActionKind; before: Failure | null }): void {
  const failure = app.engine.failure(wish.id, wish.kind);
  if (failure === null || failure === wish.before) return;
  throw new AoError(failure.code, `${wish.id}: ${failure.message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}
