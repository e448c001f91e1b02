import { createHash } from "node:crypto";
import { type Callback, parseCallback } from "@agent-orchestrator/core/model/callback";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { ChannelId } from "@agent-orchestrator/core/model/notice";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ActionOutcome, ActionRight, ChannelAction } from "@agent-orchestrator/core/slots/notifier";
import type { App, Call } from "../app.ts";
import { handlers } from "../handlers.ts";
import type { ParamsOf, RequestName } from "../requests.ts";
import { wishOf } from "../server/wishes.ts";

/** What a button or a reply asks for, as a request of this daemon. */
interface Deed<N extends RequestName = RequestName> {
  right: ActionRight;
  session: string;
  request: N;
  params: ParamsOf<N>;
  /** Past tense, after the session's name: `was merged`. */
  done: string;
}

const deed = <N extends RequestName>(made: Deed<N>): Deed => made as unknown as Deed;

const ACTOR_MS = 60_000;
interface Actor {
  by: string;
  /** Monotonic. */
  atMs: number;
  isDone: boolean;
}

/** Who acts on which session, or did so last. */
const actors = new Map<string, Actor>();

/** Who acts, or has just acted, on a session from a channel. Null: nobody has. */
export function actorOn(app: App, session: string): string | null {
  const last = actors.get(session);
  return last !== undefined && app.world.clock.monotonic() - last.atMs < ACTOR_MS ? last.by : null;
}

/** Under way, by wish. The same click twice waits for one outcome. */
const underWay = new Map<string, Promise<ActionOutcome>>();

/**
 * Does what somebody asked for on a channel, once, if they may and if nothing has changed since it was offered. Never throws: the
 * outcome says what happened.
 */
export function carryOut(app: App, channel: ChannelId, action: ChannelAction): Promise<ActionOutcome> {
  const wishId = createHash("sha256").update(`${channel}\n${action.id}`).digest("hex");
  const begun = underWay.get(wishId);
  if (begun !== undefined) return begun;
  const outcome = attempt(app, action, wishId).finally(() => underWay.delete(wishId));
  underWay.set(wishId, outcome);
  return outcome;
}

async function attempt(app: App, action: ChannelAction, wishId: string): Promise<ActionOutcome> {
  const actor: Actor = { by: oneLine(action.by, 100), atMs: app.world.clock.monotonic(), isDone: false };
  let session: string | null = null;
  try {
    const wanted = deedOf(app, action);
    if (!action.may.includes(wanted.right)) {
      throw new AoError("NOT_PERMITTED", `you may not do that (${wanted.right}): ask whoever keeps the config`);
    }
    session = wanted.session;
    // Whoever comes second while somebody acts is refused, and must not get the credit.
    if (actors.get(session)?.isDone !== false) actors.set(session, actor);
    await run(app, wanted, wishId);
    actor.isDone = true;
    const text = `${wanted.session} ${wanted.done}`;
    await app.engine.command({ kind: "note-press", sessionId: session, by: action.by, did: wanted.done });
    return { isDone: true, text };
  } catch (error) {
    if (session !== null && actors.get(session) === actor) actors.delete(session);
    if (!isAoError(error)) app.world.log.warn(`an action of ${oneLine(action.by, 80)}: ${String(error)}`);
    const { message, hint } = toAoError(error);
    return { isDone: false, text: app.configs.redact(hint === undefined ? message : `${message}. ${hint}`) };
  }
}

function deedOf(app: App, { endpoint, sessionId, text }: ChannelAction): Deed {
  if (endpoint === null) {
    const session = sessionId ?? "";
    mustExist(app, session);
    const params = { session, text: text ?? "" };
    return deed({ right: "send", session, request: "send", params, done: "has your message" });
  }
  const callback = parseCallback(endpoint);
  if (callback === null) throw new AoError("USAGE", "this button is not one of ao's");
  mustExist(app, callback.session);
  return deedFor(app, callback);
}

function mustExist(app: App, session: string): void {
  const { sessions, archive } = app.engine.state;
  if (Object.hasOwn(sessions, session)) return;
  const isArchived = Object.hasOwn(archive, session);
  throw new AoError("NOT_FOUND", isArchived ? `${session} was removed since` : `there is no session ${session}`);
}

function deedFor(app: App, callback: Callback): Deed {
  const { session } = callback;
  switch (callback.kind) {
    case "answer": {
      const words = String(callback.choice);
      const dialogs = [{ session, dialogId: callback.dialog }];
      const choice = choiceOf(app, callback);
      const done = choice === null ? `was answered (${words})` : `was answered: ${choice}`;
      return deed({ right: "answer", session, request: "answer", params: { session, words, dialogs }, done });
    }
    case "merge": {
      const params = { session, isConfirmed: true, headSha: callback.head };
      return deed({ right: "merge", session, request: "merge", params, done: "was merged" });
    }
    case "approve": {
      const params = { session, state: "approved" as const, headSha: callback.head };
      return deed({ right: "approve", session, request: "review", params, done: "was approved" });
    }
    case "restore": {
      const launch = app.engine.state.sessions[session]?.launch.last?.number ?? 0;
      if (launch !== callback.launch) throw new AoError("REFUSED", `${session} was started again since`);
      return deed({ right: "restore", session, request: "restore", params: { session }, done: "was restored" });
    }
    default:
      return deed({ right: "open", session, request: "open", params: { target: session }, done: "is open" });
  }
}

function choiceOf(app: App, { session, dialog, choice }: Extract<Callback, { kind: "answer" }>): string | null {
  const { activity, claims = {} } = app.engine.state.sessions[session] ?? {};
  const open = [activity, ...Object.values(claims)].find((one) => one?.dialog?.id === dialog)?.dialog;
  const text = open?.choices[choice - 1];
  return text === undefined ? null : oneLine(text, 100);
}

const PATIENCE_MS = 5 * 60_000;

async function run(app: App, { request, params }: Deed, wishId: string): Promise<void> {
  const { engine, world, stopping } = app;
  const caller = { cwd: app.home, pid: process.pid, build: app.info.build, wishId };
  const call: Call = {
    caller,
    agentSession: null,
    wish: wishOf({ engine, newId: world.newId }, { name: request, id: wishId, agentSession: null }),
    signal: AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]),
    progress: () => undefined,
    item: () => undefined,
    ring: () => undefined,
  };
  await handlers[request].accept(request, params)(app, call);
}
