import { readFileSync } from "node:fs";
import { toIso } from "@agent-orchestrator/core/host/clock";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { z } from "zod";
import type { ChatEvent } from "./chat.ts";
import { readInputHistory, wasTyped } from "./input-history.ts";
import type { Place } from "./place.ts";
import type { Look } from "./present.ts";
import { UsageOfRun } from "./usage.ts";

/** How many of a conversation's user texts were reported, so that a restarted daemon does not report them again. */
const Seen = z.object({ users: z.number().int().nonnegative() });

const PROGRESS_EVERY_MS = 5_000;
/** Commands that may create a branch or pull request. */
const MOVES_REPOSITORY = /\b(git|gh)\s|\bao\s+pr\b/;

/** Turns what is seen of one session into facts, each reported once. */
export class Teller {
  summary: string | null = null;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #onFact: (fact: AgentFact) => void;
  readonly #toldUsers: number;
  #users = 0;
  #runs = 0;
  #usage = new UsageOfRun("aider");
  #isUsageNew = false;
  #told = "";
  #isTurnTold = false;
  #movedBy: string | null = null;
  #progressAtMs = Number.NEGATIVE_INFINITY;
  #typed: string[] | null | undefined;

  constructor(of: { place: Place; clock: Clock; onFact: (fact: AgentFact) => void }) {
    this.#place = of.place;
    this.#clock = of.clock;
    this.#onFact = of.onFact;
    this.#toldUsers = readSeen(of.place.seen);
  }

  get isNew(): boolean {
    return this.#told === "";
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
        if (MOVES_REPOSITORY.test(event.command)) this.#movedBy = oneLine(event.command, 100);
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
      this.#onFact({ kind: "info", info: { summary: this.summary } });
    }
    if (this.#users <= this.#toldUsers) return;
    // Report first that it works on it, so that the receipt does not find it idle.
    const evidence = `it took: ${oneLine(text, 100)}`;
    this.activity({ verdict: { state: "active", source: "transcript", at: null, evidence }, dialog: null });
    this.#onFact({ kind: "accepted", text, at: this.#now() });
  }

  /** After each reading of the chat history. */
  settle(): void {
    this.#typed = undefined;
    if (this.#users > readSeen(this.#place.seen)) putFile(this.#place.seen, JSON.stringify({ users: this.#users }));
    const report = this.#isUsageNew ? this.#usage.report() : null;
    if (report !== null) this.#onFact({ kind: "usage", usage: report });
    this.#isUsageNew = false;
    this.#tellMoved();
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#progressAtMs < PROGRESS_EVERY_MS) return;
    this.#progressAtMs = nowMs;
    this.#onFact({ kind: "progress", at: this.#now(), what: "its chat history grew" });
  }

  /** Reports at once, and again when the turn is over, because a command runs after it was announced. */
  #tellMoved(): void {
    if (this.#movedBy !== null) this.#onFact({ kind: "repository-changed", at: this.#now(), what: this.#movedBy });
  }

  didAnswer(question: string, answer: string): void {
    this.#onFact({ kind: "progress", at: this.#now(), what: oneLine(`answered ${answer}: ${question}`, 160) });
  }

  activity({ verdict, dialog }: Pick<Look, "verdict" | "dialog">): void {
    const key = JSON.stringify([
      verdict.state,
      verdict.tool,
      dialog?.id,
      dialog?.text,
      verdict.resetsAt === undefined,
      verdict.failure?.text,
      isRetry(verdict.evidence),
    ]);
    if (key === this.#told) return;
    this.#told = key;
    const at = verdict.at ?? this.#now();
    this.#onFact({ kind: "activity", activity: activityOf({ verdict, dialog }, at) });
    const isAtRest = verdict.state === "ready" || verdict.state === "limited";
    if (isAtRest && this.#isTurnTold) {
      this.#onFact({ kind: "turn-ended", at });
      this.#tellMoved();
      this.#movedBy = null;
    }
    // A start is not a turn.
    if (isAtRest) this.#isTurnTold = false;
    else if (verdict.state === "active" && verdict.source === "transcript") this.#isTurnTold = true;
  }

  readonly #now = (): string => toIso(this.#clock.now());
}

const isRetry = (evidence: string): boolean => evidence.startsWith("it tries again");

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

function readSeen(path: string): number {
  try {
    return Seen.parse(JSON.parse(readFileSync(path, "utf8"))).users;
  } catch {
    return 0; // Missing or incomplete. Reporting once more does no harm.
  }
}
