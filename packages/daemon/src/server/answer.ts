import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller, Frame, WireError } from "@agent-orchestrator/core/protocol/frames";
import type { App, Call } from "../app.ts";
import { type Effect, Json, type Reply } from "../define-request.ts";
import { handlers } from "../handlers.ts";
import { isRequest, type RequestName } from "../requests.ts";
import { requirePermission } from "./access.ts";
import { type Asker, isPerson } from "./asker.ts";
import { createTurns, wishOf } from "./wishes.ts";

/** One request of the API, whichever way it came. */
export interface Asked {
  name: string;
  params: unknown;
  caller: Caller;
  asker: Asker;
}

/** Where its frames go. */
export interface Wire {
  write(frame: Frame): void;
  /** The frame of a result, around text that need not be parsed. */
  writeJson(head: string, text: Uint8Array): void;
  /** The caller hung up. */
  signal: AbortSignal;
}

const inTurn = createTurns();

/** Carries a request out, and writes what became of it. Never throws. */
export async function answerRequest(app: App, asked: () => Promise<Asked>, wire: Wire): Promise<void> {
  let name = "a request";
  try {
    const wanted = await asked();
    name = wanted.name;
    await carryOut(app, wanted, wire);
  } catch (error) {
    if (!isAoError(error)) app.world.log.warn(`bug in ${name}: ${stackOf(error)}`);
    wire.write({ type: "error", error: toWire(error, (text) => app.configs.redact(text)) });
  }
}

async function carryOut(app: App, { name, params, caller, asker }: Asked, wire: Wire): Promise<void> {
  if (!isRequest(name)) throw new AoError("USAGE", `no such request: ${name}`);
  const { access, effect, accept, needsTerminal } = handlers[name];
  requirePermission({ name, access, needsTerminal, params, asker });
  if (asker.who === "user") app.configs.noteTokens(caller);
  if (isPerson(asker) && isDoing(name, effect, params)) app.presence.note();
  const run = accept(name, params);
  const { data, meta } = await inTurn(caller.wishId, () => {
    wire.signal.throwIfAborted();
    if (effect === "change") failpoint("request.begin");
    const call = makeCall(app, { name, caller, asker }, wire);
    return runToView<Reply<unknown, unknown>>(app, effect, () => run(app, call));
  });
  if (effect === "change") failpoint("request.done");
  if (data instanceof Json) wire.writeJson(`{"type":"result","meta":${JSON.stringify(meta ?? {})},"data":`, data.text);
  else wire.write({ type: "result", data, meta: meta ?? {} });
}

/** Whether a person does this. Scripts look at states, too. `isLook` is said for people only. */
const isDoing = (name: RequestName, effect: Effect, params: unknown): boolean =>
  effect === "change" || name === "attach" || (params as { isLook?: unknown } | undefined)?.isLook === true;

/** Once a request is answered or refused, the metadata files show its outcome too. */
async function runToView<T>(app: App, effect: Effect, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    if (effect === "change") app.store.views.flush();
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

function makeCall(app: App, asked: { name: RequestName; caller: Caller; asker: Asker }, wire: Wire): Call {
  const { name, caller, asker } = asked;
  const agentSession = asker.who === "agent" ? asker.session : null;
  const { engine, world } = app;
  return {
    caller,
    agentSession,
    wish: wishOf({ engine, newId: world.newId }, { name, id: caller.wishId, agentSession }),
    signal: wire.signal,
    progress: (text) => wire.write({ type: "progress", text }),
    item: (data) => wire.write({ type: "item", data }),
    ring: (text) => wire.write({ type: "ring", text }),
  };
}

/** A plugin's words may contain what it was given. */
function toWire(error: unknown, redact: (text: string) => string): WireError {
  const known = toAoError(error);
  return {
    code: known.code,
    message: redact(known.message),
    ...(known.hint === undefined ? {} : { hint: redact(known.hint) }),
    ...(known.details === undefined ? {} : { details: known.details }),
  };
}
