import { type Kept, keptFile } from "@agent-orchestrator/agent-kit/kept";
import { repositoryWork } from "@agent-orchestrator/agent-kit/repository-work";
import { createTeller, type Teller as Pen } from "@agent-orchestrator/agent-kit/teller";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import type { Place } from "./launch/place.ts";
import type { Look } from "./present.ts";
import type { ChatEvent } from "./transcript/chat.ts";
import { readInputHistory, wasTyped } from "./transcript/growing-text.ts";
import { UsageOfRun } from "./transcript/usage.ts";

/** How many of a conversation's user texts were reported, so that a restarted daemon does not report them again. */
const Seen = z.object({ users: z.number().int().nonnegative() });

/** Turns what is seen of one session into facts, each reported once. */
export class Teller {
  summary: string | null = null;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #emit: (fact: AgentFact) => void;
  readonly #pen: Pen;
  readonly #seen: Kept<z.infer<typeof Seen>>;
  readonly #toldUsers: number;
  #users = 0;
  #runs = 0;
  #usage = new UsageOfRun("aider");
  #isUsageNew = false;
  #isTurnTold = false;
  #movedBy: string | null = null;
  #typed: string[] | null | undefined;

  constructor({ place, clock, emit }: { place: Place; clock: Clock; emit: (fact: AgentFact) => void }) {
    this.#place = place;
    this.#clock = clock;
    this.#emit = emit;
    this.#pen = createTeller({ clock, emit, wordOf });
    this.#seen = keptFile(place.seen, Seen, { isDurable: false });
    this.#toldUsers = this.#usersSeen();
  }

  /** The activity that was reported last. */
  get activityTold(): Activity | null {
    return this.#pen.activity;
  }

  readonly onEvent = (event: ChatEvent): void => {
    switch (event.kind) {
      case "started":
        this.#runs += 1;
        this.#usage = new UsageOfRun(`aider-${this.#place.conversation}-${this.#runs}`);
        return;
      case "user":
        this.#onUser(event.text);
        return;
      case "model":
        this.#usage.setModel(event.name);
        return;
      case "usage":
        this.#usage.add(event.usage);
        this.#isUsageNew = true;
        return;
      case "commit":
        this.#movedBy = `aider committed ${event.hash}`;
        return;
      case "running":
        this.#movedBy = repositoryWork(event.command) ?? this.#movedBy;
        return;
      default:
    }
  };

  #onUser(text: string): void {
    this.#users += 1;
    this.#typed ??= readInputHistory(this.#place.input);
    if (text === "<blank>" || !wasTyped(text, this.#typed)) return;
    if (this.summary === null && !/^[/!]/.test(text)) {
      this.summary = oneLine(text, 160);
      this.#pen.info({ summary: this.summary });
    }
    if (this.#users <= this.#toldUsers) return;
    // Report first that it works on it, so that the receipt does not find it idle.
    const evidence = `it took: ${oneLine(text, 100)}`;
    this.activity({ verdict: { state: "active", source: "transcript", at: null, evidence }, dialog: null });
    this.#emit({ kind: "accepted", text, at: this.#now() });
  }

  /** After each reading of the chat history. */
  settle(): void {
    this.#typed = undefined;
    if (this.#users > this.#usersSeen()) this.#seen.write({ users: this.#users });
    const report = this.#isUsageNew ? this.#usage.report() : null;
    if (report !== null) this.#pen.usage(report);
    // It reports once for each answer.
    this.#pen.flush();
    this.#isUsageNew = false;
    this.#tellMoved();
    this.#pen.progress("its chat history grew");
  }

  /** Reports at once, and again when the turn is over, because a command runs after it was announced. */
  #tellMoved(): void {
    if (this.#movedBy !== null) this.#emit({ kind: "repository-changed", at: this.#now(), what: this.#movedBy });
  }

  didAnswer(question: string, answer: string): void {
    this.#emit({ kind: "progress", at: this.#now(), what: oneLine(`answered ${answer}: ${question}`, 160) });
  }

  activity(look: Pick<Look, "verdict" | "dialog">): void {
    const { state, source, at } = look.verdict;
    const since = at ?? this.#now();
    if (!this.#pen.activityIs(activityOf(look, since))) return;
    const isAtRest = state === "ready" || state === "limited";
    if (isAtRest && this.#isTurnTold) {
      this.#emit({ kind: "turn-ended", at: since });
      this.#tellMoved();
      this.#movedBy = null;
    }
    // A start is not a turn.
    if (isAtRest) this.#isTurnTold = false;
    else if (state === "active" && source === "transcript") this.#isTurnTold = true;
  }

  readonly #now = (): string => toIso(this.#clock.now());

  /** Reporting once more does no harm. */
  readonly #usersSeen = (): number => this.#seen.read()?.users ?? 0;
}

function wordOf({ state, tool, dialog, limit, failure, evidence }: Activity): unknown {
  const isRetry = evidence.startsWith("it tries again");
  return [state, tool, dialog?.id, dialog?.text, limit === undefined, failure?.text, isRetry];
}

function activityOf({ verdict, dialog }: Pick<Look, "verdict" | "dialog">, since: string): Activity {
  const { state, source, evidence, tool, resetsAt, failure, overruled } = verdict;
  return {
    state,
    since,
    source,
    evidence,
    ...(dialog === null ? {} : { question: oneLine(dialog.text), dialog }),
    ...(tool === undefined ? {} : { tool }),
    ...(state === "limited" ? { limit: { resetsAt: resetsAt ?? null } } : {}),
    ...(failure === undefined ? {} : { failure }),
    ...(overruled === undefined ? {} : { overruled: [overruled] }),
  };
}
