import { type Joined, joinSignals } from "../host/signals.ts";
import type { Activity } from "../model/activity.ts";
import type { ToldFact } from "../model/fact.ts";
import { ActivitySource, ActivityState } from "../model/status.ts";
import { oneLine } from "../model/text.ts";
import { toIso } from "../model/time.ts";
import type { Agent, AgentFact, AgentObservation, AgentSessionInfo } from "../slots/agent.ts";
import type { Clock, Log, RuntimeHandle, Session } from "../slots/common.ts";
import type { Runtime } from "../slots/runtime.ts";
import { ask } from "./ask.ts";
import { exitFact, lastWords } from "./process.ts";

export interface AskedAgent {
  session: Session;
  handle: RuntimeHandle;
  runtime: Runtime;
  agent: Agent;
  clock: Clock;
  log: Log;
  readyThresholdMs(): number;
  onFact(fact: AgentFact): void;
  /** For what only the runtime tells otherwise. */
  tell(facts: ToldFact[]): void;
}

const LOOK_EVERY_MS = 5_000;
/** Output is looked at when it has stood still this long, or this often while it goes on. */
const AFTER_OUTPUT_MS = 500;
const INFO_EVERY_MS = 60_000;
const ANSWER_MS = 5_000;
const LINES = 60;

/** What a plugin says about its agent, from its files or from its output. */
interface Detected {
  state: ActivityState;
  atMs: number | null;
  source: Activity["source"];
  evidence: string;
  question?: string;
  /** Another one means that something happened, even if the state is the same again. */
  sign: string;
}

/** Watches an agent whose plugin reports nothing by itself. It is asked, and knows less and later than one that observes. */
export function watchByAsking(call: AskedAgent): AgentObservation {
  const { agent, session, clock, log } = call;
  const stop = new AbortController();
  const looker = new Looker(call, stop.signal);
  let rest: Joined | null = null;
  let isNews = false;

  async function follow(): Promise<void> {
    while (!stop.signal.aborted && (await looker.look()) !== "gone") {
      rest = joinSignals(stop.signal);
      if (!isNews) await clock.sleep(LOOK_EVERY_MS, rest.signal).catch(() => undefined); // there is output
      rest.release();
      rest = null;
      if (isNews) await clock.sleep(AFTER_OUTPUT_MS, stop.signal);
      isNews = false;
    }
  }

  const following = follow().catch((error: unknown) => {
    if (!stop.signal.aborted) log.warn(`${session.id}, agent ${agent.name ?? agent.processName}: ${String(error)}`);
  });
  return {
    hint({ kind }) {
      if (kind === "human-input") return;
      isNews = true;
      rest?.abort();
    },
    async stop() {
      stop.abort();
      await following;
    },
  };
}

class Looker {
  readonly #call: AskedAgent;
  readonly #signal: AbortSignal;
  readonly #beganMs: number;
  #told: Activity | null;
  #sign = "";
  #info = "";
  #infoAtMs = Number.NEGATIVE_INFINITY;
  /** Whether its process, or the plugin's word, was that of a program that runs. */
  #hasRun = false;
  #hasLived = false;

  constructor(call: AskedAgent, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
    this.#beganMs = call.clock.now();
    this.#told = call.session.activity;
  }

  /** What it does, what its conversation is, and whether it still runs. */
  async look(): Promise<"gone" | "here"> {
    const found = await this.#detect();
    const saysExited = found?.state === "exited";
    if (found !== null && !saysExited) {
      this.#hasLived = true;
      this.#report(found);
    }
    await this.#lookAtInfo();
    if (!(await this.#isGone(saysExited))) return "here";
    const { runtime, handle, clock, session, tell } = this.#call;
    const lastOutput = await lastWords(runtime, handle, { clock, signal: this.#signal });
    tell([exitFact(session.launch, { exit: null, lastOutput, at: toIso(clock.now()) })]);
    return "gone";
  }

  async #detect(): Promise<Detected | null> {
    const { agent, session, runtime, handle, readyThresholdMs } = this.#call;
    const said = fromState(await this.#ask("getActivityState", agent.getActivityState, session, readyThresholdMs()));
    if (said !== null || agent.detectActivity === undefined) return said;
    const output = await this.#ask("getOutput", () => runtime.getOutput(handle, LINES, { signal: this.#signal }));
    if (output === undefined || output.trim() === "") return null;
    return fromOutput(output, await this.#ask("detectActivity", agent.detectActivity, output));
  }

  #report({ state, atMs, source, evidence, question, sign }: Detected): void {
    const told = this.#told;
    const isSame = told?.state === state && told.source === source;
    // Said again at rest, it ends a turn that was too short to be seen.
    if (isSame && (state === "active" || sign === this.#sign)) return;
    this.#sign = sign;
    const nowMs = this.#call.clock.now();
    // A time before the state that it follows is one of an earlier conversation, or of another clock.
    const fromMs = told === null ? this.#beganMs : Date.parse(told.since);
    const isLikely = atMs !== null && atMs <= nowMs && atMs >= fromMs;
    const asked = question === undefined ? {} : { question };
    this.#told = { state, since: toIso(isLikely ? atMs : nowMs), source, evidence, ...asked };
    this.#call.onFact({ kind: "activity", activity: this.#told });
    if (isSame) return;
    if (told?.state === "active" && isAtRest(state)) this.#call.onFact({ kind: "turn-ended", at: this.#told.since });
    this.#infoAtMs = Number.NEGATIVE_INFINITY;
  }

  async #lookAtInfo(): Promise<void> {
    const { agent, session, clock, onFact } = this.#call;
    if (clock.monotonic() - this.#infoAtMs < INFO_EVERY_MS) return;
    this.#infoAtMs = clock.monotonic();
    const info = infoFrom(await this.#ask("getSessionInfo", agent.getSessionInfo, session));
    const text = JSON.stringify(info);
    if (text === this.#info || text === "{}") return;
    this.#info = text;
    onFact({ kind: "info", info });
  }

  /** Asked only if the runtime cannot tell. "No" counts only after a "yes", because a plugin may not know this runtime at all. */
  async #isGone(saysExited: boolean): Promise<boolean> {
    const { agent, runtime, handle } = this.#call;
    if (runtime.getProcess !== undefined) return false;
    const runs = await this.#ask("isProcessRunning", agent.isProcessRunning, handle);
    if (runs === true) this.#hasRun = true;
    return runs === undefined ? saysExited && this.#hasLived : runs === false && this.#hasRun;
  }

  /** Undefined if the plugin has no such method, or it fails. */
  async #ask<A extends unknown[], T>(
    method: string,
    call: ((...args: A) => Promise<T> | T) | undefined,
    ...args: A
  ): Promise<T | undefined> {
    if (call === undefined) return undefined;
    const { agent, session, clock, log } = this.#call;
    const asking = { whom: `the agent plugin's ${method}`, timeoutMs: ANSWER_MS, clock, signal: this.#signal };
    const seen = await ask(async () => Reflect.apply(call, agent, args) as Promise<T> | T, asking);
    if (seen.ok) return seen.value;
    log.debug(`${session.id}: ${method}: ${seen.failure.message}`);
    return undefined;
  }
}

const isAtRest = (state: ActivityState): boolean => state === "ready" || state === "idle";
const isAsking = (state: ActivityState): boolean => state === "waiting_input" || state === "blocked";

/** Checked, because a plugin need not have been compiled against our types. */
function fromState(said: unknown): Detected | null {
  const { state, timestamp, source, evidence } = (said ?? {}) as Record<string, unknown>;
  const known = ActivityState.safeParse(state);
  if (!known.success || known.data === "unknown") return null;
  const from = ActivitySource.safeParse(source);
  const atMs = timestamp instanceof Date ? timestamp.getTime() : Date.parse(String(timestamp ?? ""));
  return {
    state: known.data,
    atMs: Number.isNaN(atMs) ? null : atMs,
    sign: String(atMs),
    source: from.success ? from.data : "transcript",
    evidence: typeof evidence === "string" ? oneLine(evidence) : `its plugin says ${known.data}`,
  };
}

function fromOutput(output: string, state: unknown): Detected | null {
  const known = ActivityState.safeParse(state);
  if (!known.success || known.data === "unknown") return null;
  const evidence = `its plugin reads ${known.data} from its output`;
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const asked = isAsking(known.data) ? { question: oneLine(last) } : {};
  return { state: known.data, atMs: null, source: "screen", evidence, sign: output, ...asked };
}

/** The fields that have a value of their type. Anything else is left as it was. */
function infoFrom(said: unknown): Partial<AgentSessionInfo> {
  const { summary, agentSessionId, cost } = (said ?? {}) as Record<string, unknown>;
  const { usd, tokens, model } = (cost ?? {}) as Record<string, unknown>;
  const isCost = [usd, tokens].some((amount) => typeof amount === "number");
  const amount = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
  return {
    ...(typeof summary === "string" ? { summary: oneLine(summary) } : {}),
    ...(typeof agentSessionId === "string" ? { agentSessionId } : {}),
    ...(isCost
      ? { cost: { usd: amount(usd), tokens: amount(tokens), model: typeof model === "string" ? model : null } }
      : {}),
  };
}
