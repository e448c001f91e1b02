import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { PROMPT_MS, patienceOf, type Signals, START_MS, TAKEN_MS, TOOL_MS, weigh } from "./activity.ts";
import { Alarm } from "./alarm.ts";
import { eventOf, growthIn, linesOf } from "./events.ts";
import { infoFact } from "./facts.ts";
import { handFirstPrompt, typeFirstPrompt } from "./first-prompt.ts";
import { Nudge } from "./nudge.ts";
import { notePermissions } from "./open-permissions.ts";
import { conversationOf, type Reached, reach } from "./reach.ts";
import { readRecord } from "./record.ts";
import { readScreen } from "./screen.ts";
import { isBusy, isOfFamily, type Seen, take } from "./seen.ts";
import { showConversation } from "./show.ts";
import { snapshot } from "./snapshot.ts";
import { Teller } from "./teller.ts";

export interface WatchRequest {
  session: Session;
  emit(fact: AgentFact): void;
  terminal: AgentTerminal | null;
  clock: Clock;
  log: Log;
}

/** OpenCode sends a heartbeat every 10 s. */
const DEAD_MS = 35_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const LOOK_MS = 1_000;
const AGAIN_MS = 2_000;

/** Follows one launch of OpenCode: its event stream, and its screen while that is silent. */
export class Watch implements AgentObservation {
  readonly #request: WatchRequest;
  readonly #teller: Teller;
  readonly #alarm: Alarm;
  readonly #nudge: Nudge;
  #reached: Reached | null = null;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #signals: Signals;
  #told = "";
  #lineAt = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #hasHumanTyped = false;
  activity: Activity | null = null;

  constructor(request: WatchRequest) {
    this.#request = request;
    this.#teller = new Teller(request);
    this.#alarm = new Alarm(request.clock, () => {
      this.#tell();
      void this.#look();
      void this.#wake();
    });
    this.#nudge = new Nudge(request);
    const now = request.clock.now();
    const server = { isHeard: false as const, since: now, why: "it is starting" };
    const isDue = (readRecord(request.session.sessionDir)?.promptFile ?? null) !== null;
    const promptDueUntil = isDue ? now + START_MS + PROMPT_MS : null;
    this.#signals = { now, seen: null, server, screen: null, promptDueUntil };
    this.#running = this.#run();
  }

  hint({ kind }: { kind: "output" | "ready" | "human-input" }): void {
    if (kind === "human-input") this.#hasHumanTyped = true;
    if (kind === "output") void this.#look();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#alarm.stop();
    await this.#running;
  }

  get seen(): Seen | null {
    return this.#signals.seen;
  }

  /** Something about the open requests was changed from outside. Weighs the same events again. */
  reconsider(): void {
    this.#tell();
  }

  async #run(): Promise<void> {
    const { clock, log, session } = this.#request;
    const { signal } = this.#stopping;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#follow(() => {
          pauseMs = FIRST_PAUSE_MS;
        });
        this.#fallSilent("its event stream ended");
      } catch (error) {
        if (signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        log.debug(`opencode of ${session.id}: ${why}`);
        this.#fallSilent(why);
      }
      await clock.sleep(pauseMs, signal).catch(() => undefined); // Stopped, so the loop ends.
      pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
    }
  }

  /** One connection, from the first response to its end. */
  async #follow(onHeard: () => void): Promise<void> {
    const { clock, session, terminal, log } = this.#request;
    const { signal } = this.#stopping;
    const reached = await reach(session, { clock, signal });
    const root = this.#signals.seen?.root ?? (await conversationOf(session, reached, signal));
    signal.throwIfAborted();
    const connection = new AbortController();
    this.#reached = reached;
    const end = (): void => connection.abort();
    signal.addEventListener("abort", end, { once: true });
    try {
      // First the stream, then the snapshot. What happens in between is in both, and nothing is missed.
      const lines = linesOf(await reached.server.events(connection.signal));
      await this.#begin(reached, { root, signal: connection.signal });
      onHeard();
      const isIdle = (): boolean => !this.#hasHumanTyped;
      void showConversation({ reached, root, terminal, clock, isIdle, signal: connection.signal }).catch((error) =>
        log.debug(`opencode of ${session.id} may show another page: ${String(error)}`),
      );
      void this.#watchPulse(connection);
      void this.#sayFirst(reached, connection.signal);
      for await (const line of lines) this.#hear(line);
    } finally {
      signal.removeEventListener("abort", end);
      end();
    }
  }

  async #begin(reached: Reached, { root, signal }: { root: string; signal: AbortSignal }): Promise<void> {
    const { clock, emit, session } = this.#request;
    const { sessionDir } = session;
    const wasBusy = this.#wasBusy();
    const { seen, happenings } = await snapshot(reached, { root, now: clock.now(), sessionDir, signal });
    this.#keepAnswers(seen);
    notePermissions(sessionDir, seen);
    const now = clock.now();
    this.#signals = { ...this.#signals, now, seen, server: { isHeard: true }, screen: null };
    this.#lineAt = clock.monotonic();
    emit(infoFact(seen));
    for (const happening of happenings) if (happening.kind === "taken") this.#teller.receipt(happening);
    this.#teller.usage(seen, [...seen.usage.keys()]);
    this.#tell();
    if (wasBusy && !isBusy(seen)) emit({ kind: "turn-ended", at: toIso(seen.restedAt) });
  }

  /** According to earlier reports of this daemon or the previous one. The start of a program is not a turn. */
  #wasBusy(): boolean {
    const { seen } = this.#signals;
    const { activity } = this.#request.session;
    return seen === null ? activity?.state === "active" && activity.source === "protocol" : isBusy(seen);
  }

  /** The user's answers to the first of several questions survive a broken connection. */
  #keepAnswers(seen: Seen): void {
    for (const [id, ask] of this.#signals.seen?.asks ?? []) {
      const now = seen.asks.get(id);
      if (ask.kind === "question" && now?.kind === "question") now.answered = ask.answered;
    }
  }

  /** Whatever prevents delivery (a server that is not ready) passes, or ends the connection. */
  async #sayFirst(reached: Reached, signal: AbortSignal): Promise<void> {
    const { session, clock, log } = this.#request;
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

  async #watchPulse(connection: AbortController): Promise<void> {
    const { clock } = this.#request;
    while (!connection.signal.aborted) {
      await clock.sleep(DEAD_MS / 3, connection.signal).catch(() => undefined); // Closed, so the loop ends.
      if (clock.monotonic() - this.#lineAt > DEAD_MS) connection.abort(new Error("its event stream fell silent"));
    }
  }

  #hear(line: string): void {
    const { clock, session } = this.#request;
    this.#lineAt = clock.monotonic();
    const event = line === "" ? null : eventOf(line);
    const { seen } = this.#signals;
    if (seen === null) return;
    this.#teller.grown(() => {
      const conversation = growthIn(line);
      return conversation !== null && isOfFamily(seen, conversation) && seen.statuses.has(conversation);
    });
    if (event === null) return;
    const asked = seen.asks.size;
    const happenings = take(seen, event, clock.now());
    if (event.type === "permission.asked" || seen.asks.size < asked) notePermissions(session.sessionDir, seen);
    for (const happening of happenings) this.#teller.happen(seen, happening);
    this.#tell();
    if (happenings.some(({ kind }) => kind === "turn-over")) {
      this.#request.emit({ kind: "turn-ended", at: toIso(seen.restedAt) });
    }
  }

  /** A message that waits without a turn. */
  async #wake(): Promise<void> {
    const { server, seen } = this.#signals;
    if (seen === null || !server.isHeard || this.#reached === null) return;
    await this.#nudge.act(seen, this.#reached, this.#stopping.signal).catch((error: unknown) => {
      this.#request.log.debug(`opencode of ${this.#request.session.id}: ${String(error)}`);
    });
    this.#alarm.set(this.#nextDue());
  }

  #fallSilent(why: string): void {
    const { server } = this.#signals;
    const since = server.isHeard ? this.#request.clock.now() : server.since;
    this.#signals = { ...this.#signals, server: { isHeard: false, since, why } };
    this.#tell();
  }

  /** Only while the server is silent, because reading the screen costs a process. */
  async #look(): Promise<void> {
    const { terminal, clock, session, log } = this.#request;
    const { server, seen } = this.#signals;
    if (server.isHeard || terminal === null || clock.now() - server.since < patienceOf(seen)) return;
    if (clock.monotonic() - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = clock.monotonic();
    const screen = await terminal.screen({ signal: this.#stopping.signal }).catch(() => null); // It is not visible now.
    if (screen === null || this.#signals.server.isHeard) return;
    const reading = readScreen(screen);
    this.#signals = { ...this.#signals, screen: { reading, at: clock.now() } };
    this.#tell();
    if (!reading.isHome || reading.state !== "ready") return;
    await typeFirstPrompt(session, terminal, this.#stopping.signal).catch((error: unknown) =>
      log.debug(`the first prompt of ${session.id} cannot be typed: ${String(error)}`),
    );
  }

  #tell(): void {
    const { clock, emit } = this.#request;
    if (this.#stopping.signal.aborted) return;
    this.#signals = { ...this.#signals, now: clock.now() };
    this.#alarm.set(this.#nextDue());
    const activity = weigh(this.#signals);
    if (activity === null) return;
    const { since: _, ...news } = activity;
    const key = JSON.stringify(news);
    if (key === this.#told) return;
    this.#told = key;
    this.activity = activity;
    emit({ kind: "activity", activity });
  }

  /** When something becomes true without an event: a tool that has been running for long, a server that has been silent for long. */
  #nextDue(): number | null {
    const { server, seen, now, promptDueUntil } = this.#signals;
    const dues = [...(seen?.tools.values() ?? [])].map(({ at }) => at + TOOL_MS);
    if (!server.isHeard) dues.push(server.since + patienceOf(seen));
    const nudge = seen === null || !server.isHeard ? null : this.#nudge.due(seen);
    if (nudge !== null) dues.push(nudge);
    if (seen !== null && seen.unanswered !== null) dues.push(seen.unanswered.created + TAKEN_MS);
    if (promptDueUntil !== null) dues.push(promptDueUntil);
    const later = dues.filter((due) => due > now);
    return later.length === 0 ? null : Math.min(...later);
  }
}
