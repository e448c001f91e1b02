import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { joinSignals } from "@agent-orchestrator/core/host/signals";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { showConversation } from "../screen/screen.ts";
import { handFirstPrompt } from "./first-prompt.ts";
import { conversationOf, type Reached, reach } from "./reach.ts";
import { EVENT_TYPES, ServerEvent } from "./wire.ts";

/** OpenCode sends a heartbeat every 10 s. */
const DEAD_MS = 35_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const AGAIN_MS = 2_000;

export interface ListenOptions {
  session: Session;
  terminal: AgentTerminal | null;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** The conversation that was followed so far. */
  root(): string | null;
  /** Somebody typed in the terminal, so what it shows is up to them. */
  hasHumanTyped(): boolean;
  /** The stream is open, and nothing of it was read yet. If it throws, the stream is closed. */
  onOpen(reached: Reached, of: { root: string; signal: AbortSignal }): Promise<void>;
  onLine(line: string): void;
  onSilent(why: string): void;
}

/** Follows the event stream, and again whenever it ends, until the signal aborts. */
export async function keepListening(options: ListenOptions): Promise<void> {
  const { clock, log, session, signal } = options;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await listen(options, () => {
        pauseMs = FIRST_PAUSE_MS;
      });
      options.onSilent("its event stream ended");
    } catch (error) {
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      log.debug(`opencode of ${session.id}: ${why}`);
      options.onSilent(why);
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined); // Stopped, so the loop ends.
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}

/** One connection, from the first response to its end. */
async function listen(options: ListenOptions, onHeard: () => void): Promise<void> {
  const { clock, session, terminal, log } = options;
  const reached = await reach(session, { clock, signal: options.signal });
  const root = options.root() ?? (await conversationOf(session, reached, options.signal));
  options.signal.throwIfAborted();
  const connection = joinSignals(options.signal);
  const { signal } = connection;
  try {
    // First the stream, then the snapshot. What happens in between is in both, and nothing is missed.
    const lines = linesOf(await reached.server.events(signal));
    await options.onOpen(reached, { root, signal });
    onHeard();
    const isIdle = (): boolean => !options.hasHumanTyped();
    void showConversation({ reached, root, terminal, clock, isIdle, signal }).catch((error) =>
      log.debug(`opencode of ${session.id} may show another page: ${String(error)}`),
    );
    let lineAt = clock.monotonic();
    void watchPulse(clock, signal, () => {
      if (clock.monotonic() - lineAt > DEAD_MS) connection.abort(new Error("its event stream fell silent"));
    });
    void sayFirst(reached, options, signal);
    for await (const line of lines) {
      lineAt = clock.monotonic();
      options.onLine(line);
    }
  } finally {
    connection.abort();
  }
}

async function watchPulse(clock: Clock, signal: AbortSignal, look: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(DEAD_MS / 3, signal).catch(() => undefined); // Closed, so the loop ends.
    look();
  }
}

/** Whatever prevents delivery (a server that is not ready) passes, or ends the connection. */
async function sayFirst(reached: Reached, { session, clock, log }: ListenOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await handFirstPrompt(session, reached, { clock, signal });
      return;
    } catch (error) {
      log.debug(`the first prompt of ${session.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await clock.sleep(AGAIN_MS, signal).catch(() => undefined); // Closed, so the loop ends.
  }
}

/** An event starts with its kind. Most events are pieces of streamed text, and can be dropped without parsing. */
const HEAD = /^data: \{(?:"id":"[^"]*",)?"type":"([^"]+)"/;
/** Each update of a tool contains its whole output. A longer line is not one of our events. */
const MAX_LINE = 16 * 1024 * 1024;

/** One line of the event stream. Null if it is not an event, or not one that we use. */
export function eventOf(line: string): ServerEvent | null {
  const type = HEAD.exec(line)?.[1];
  if (type !== undefined && !EVENT_TYPES.has(type)) return null;
  if (!line.startsWith("data: ")) return null;
  const parsed = ServerEvent.safeParse(parseJson(line.slice("data: ".length)));
  return parsed.success ? parsed.data : null;
}

const CONVERSATION = /"sessionID":"([^"]+)"/;

/** The conversation in which a message grows, if that is what a line says. Streamed pieces are not parsed for it. */
export function growthIn(line: string): string | null {
  const type = HEAD.exec(line)?.[1];
  return type?.startsWith("message.part.") === true ? (CONVERSATION.exec(line)?.[1] ?? null) : null;
}

/** The lines of a byte stream, as they become complete. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_LINE) throw new Error("a line of the event stream has no end");
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
