import { type Alarm, alarm } from "@agent-orchestrator/agent-kit/alarm";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { notePermissions } from "./asks.ts";
import { readRecord } from "./launch/record.ts";
import { readScreen } from "./screen/screen.ts";
import { typeFirstPrompt } from "./server/first-prompt.ts";
import { eventOf, growthIn, keepListening } from "./server/listening.ts";
import { Nudge } from "./server/nudge.ts";
import type { Reached } from "./server/reach.ts";
import { isBusy, isOfFamily, type Seen, take } from "./server/seen.ts";
import { snapshot } from "./server/snapshot.ts";
import { infoOf, Teller } from "./teller.ts";
import { PROMPT_MS, patienceOf, type Signals, START_MS, TAKEN_MS, TOOL_MS, weigh } from "./weigh.ts";

export interface WatchRequest {
  session: Session;
  emit(fact: AgentFact): void;
  terminal: AgentTerminal | null;
  clock: Clock;
  log: Log;
}

const LOOK_MS = 1_000;

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
  #lookedAt = Number.NEGATIVE_INFINITY;
  #hasHumanTyped = false;

  constructor(request: WatchRequest) {
    this.#request = request;
    this.#teller = new Teller(request);
    const { signal } = this.#stopping;
    this.#alarm = alarm(request.clock, signal, () => {
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
    this.#running = keepListening({
      ...{ ...request, signal },
      root: () => this.seen?.root ?? null,
      hasHumanTyped: () => this.#hasHumanTyped,
      onOpen: (reached, of) => this.#begin(reached, of),
      onLine: (line) => this.#hear(line),
      onSilent: (why) => this.#fallSilent(why),
    });
  }

  get activity(): Activity | null {
    return this.#teller.pen.activity;
  }

  hint({ kind }: { kind: "output" | "ready" | "human-input" }): void {
    if (kind === "human-input") this.#hasHumanTyped = true;
    if (kind === "output") void this.#look();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  get seen(): Seen | null {
    return this.#signals.seen;
  }

  /** Something about the open requests was changed from outside. Weighs the same events again. */
  reconsider(): void {
    this.#tell();
  }

  async #begin(reached: Reached, { root, signal }: { root: string; signal: AbortSignal }): Promise<void> {
    const { clock, emit, session } = this.#request;
    const { sessionDir } = session;
    this.#reached = reached;
    const wasBusy = this.#wasBusy();
    const { seen, happenings } = await snapshot(reached, { root, now: clock.now(), sessionDir, signal });
    this.#keepAnswers(seen);
    notePermissions(sessionDir, seen);
    const now = clock.now();
    this.#signals = { ...this.#signals, now, seen, server: { isHeard: true }, screen: null };
    this.#teller.pen.info(infoOf(seen));
    for (const happening of happenings) if (happening.kind === "taken") this.#teller.receipt(happening);
    this.#teller.usageOfAll(seen);
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

  #hear(line: string): void {
    const { clock, session } = this.#request;
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
    this.#alarm.set(nextDueMs(this.#signals, this.#nudge));
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
    if (this.#stopping.signal.aborted) return;
    this.#signals = { ...this.#signals, now: this.#request.clock.now() };
    this.#alarm.set(nextDueMs(this.#signals, this.#nudge));
    const activity = weigh(this.#signals);
    if (activity !== null) this.#teller.pen.activityIs(activity);
  }
}

/** In how long something becomes true without an event: a tool that has been running for long, a server that has been silent for long. */
function nextDueMs({ server, seen, now, promptDueUntil }: Signals, nudge: Nudge): number | null {
  const dues = [...(seen?.tools.values() ?? [])].map(({ at }) => at + TOOL_MS);
  if (!server.isHeard) dues.push(server.since + patienceOf(seen));
  const nudgeAt = seen === null || !server.isHeard ? null : nudge.due(seen);
  if (nudgeAt !== null) dues.push(nudgeAt);
  if (seen !== null && seen.unanswered !== null) dues.push(seen.unanswered.created + TAKEN_MS);
  if (promptDueUntil !== null) dues.push(promptDueUntil);
  const later = dues.filter((due) => due > now);
  return later.length === 0 ? null : Math.min(...later) - now;
}
