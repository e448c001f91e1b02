import { Activity } from "@agent-orchestrator/core/model/activity";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Agent, AgentFact, DeliveryResult, ObserveMeans } from "@agent-orchestrator/core/slots/agent";
import { expect, onTestFinished } from "vitest";
import { waitFor } from "../wait-for.ts";
import type { AgentAtWork } from "./agent-at-work.ts";

export interface AgentClause {
  name: string;
  /** The method that it tests. An agent without it keeps the clause. */
  method: "observe" | "deliver" | "answer" | "interrupt" | "getTranscript";
  /** Absent: every agent with that method. */
  appliesTo?(at: AgentAtWork): boolean;
  check(at: AgentAtWork, patienceMs: number): Promise<void>;
}

/** The part of the stage that a method needs. */
function needed<K extends keyof AgentAtWork>(at: AgentAtWork, part: K): NonNullable<AgentAtWork[K]> {
  const value = at[part];
  if (value === undefined || value === null) throw new Error(`the contract of this agent needs \`${part}\``);
  return value as NonNullable<AgentAtWork[K]>;
}

function method<K extends keyof Agent>(agent: Agent, name: K): NonNullable<Agent[K]> {
  const value = agent[name];
  if (typeof value !== "function") throw new Error(`this agent has no method ${name}`);
  return value.bind(agent) as NonNullable<Agent[K]>;
}

interface Watching {
  facts: AgentFact[];
  activity(): Activity | undefined;
  until(...states: Activity["state"][]): Promise<Activity>;
  stop(): Promise<void>;
}

/** Observes as core does. Each fact is checked as it arrives. */
async function watch(at: AgentAtWork, patienceMs: number, means: Partial<ObserveMeans> = {}): Promise<Watching> {
  const facts: AgentFact[] = [];
  const observation = await method(at.agent, "observe")(at.session, (fact) => void facts.push(fact), {
    terminal: at.terminal,
    ...means,
  });
  onTestFinished(() => observation.stop());
  at.onObserved?.(() => observation.hint({ kind: "output", at: new Date().toISOString() }));
  const activity = () => facts.findLast((fact) => fact.kind === "activity")?.activity;
  return {
    facts,
    activity,
    stop: () => observation.stop(),
    until: (...states) =>
      waitFor(() => (states.includes(activity()?.state ?? "unknown") ? activity() : null), {
        timeoutMs: patienceMs,
        what: `${states.join(" or ")} (last: ${JSON.stringify(activity())})`,
      }),
  };
}

const resting = (on: Watching): Promise<Activity> => on.until("ready", "idle");

/** Observed, asked, and the question read. */
async function asking(at: AgentAtWork, patienceMs: number): Promise<{ on: Watching; dialog: Dialog }> {
  const on = await watch(at, patienceMs);
  await resting(on);
  await needed(at, "ask")();
  const dialog = await waitFor(() => on.activity()?.dialog, { timeoutMs: patienceMs, what: "a dialog" });
  return { on, dialog };
}

const settledOnes: ReadonlySet<DeliveryResult["outcome"]> = new Set(["accepted", "written", "unconfirmed"]);

/** Asks again while the agent accepts nothing, as core does. */
const handed = (at: AgentAtWork, message: { id: string; text: string }, patienceMs: number): Promise<DeliveryResult> =>
  waitFor(
    async () => {
      const result = await method(at.agent, "deliver")(at.session, message, { terminal: at.terminal });
      if (result.outcome === "deferred") expect(["asking", "human", "busy", "unreadable"]).toContain(result.because);
      return settledOnes.has(result.outcome) ? result : null;
    },
    { timeoutMs: patienceMs, what: `the message ${message.id} to be taken` },
  );

const answerWith = (at: AgentAtWork, dialog: Dialog): Promise<void> =>
  method(at.agent, "answer")(at.session, dialog.choices[0] ?? "", {
    terminal: at.terminal,
    dialog,
    number: 1,
    isAlways: false,
  });

const refused = (answering: Promise<void>): Promise<void> =>
  expect(answering).rejects.toMatchObject({ code: "REFUSED" }) as Promise<void>;

const OBSERVE: AgentClause[] = [
  {
    name: "tells that it works and that it rests, since when and on what evidence",
    method: "observe",
    async check(at, patienceMs) {
      const on = await watch(at, patienceMs);
      await at.work();
      await on.until("active");
      await at.rest();
      await resting(on);
      for (const fact of on.facts) {
        if (fact.kind !== "activity") continue;
        expect(Activity.safeParse(fact.activity).error).toBe(undefined);
        expect(fact.activity.evidence.trim()).not.toBe("");
      }
    },
  },
  {
    name: "tells once that a turn has ended, after the turn",
    method: "observe",
    async check(at, patienceMs) {
      const on = await watch(at, patienceMs);
      await resting(on);
      const ends = () => on.facts.filter(({ kind }) => kind === "turn-ended").length;
      const before = ends();
      await at.work();
      await on.until("active");
      expect(ends()).toBe(before);
      await at.rest();
      await resting(on);
      await waitFor(() => ends() > before, { timeoutMs: patienceMs, what: "the end of the turn" });
      expect(ends()).toBe(before + 1);
    },
  },
  {
    name: "is silent once its observation has stopped, and tells the next one what it does",
    method: "observe",
    async check(at, patienceMs) {
      const first = await watch(at, patienceMs);
      await resting(first);
      await first.stop();
      const told = first.facts.length;
      const second = await watch(at, patienceMs);
      await at.work();
      await second.until("active");
      await at.rest();
      await resting(second);
      expect(first.facts.slice(told)).toEqual([]);
    },
  },
  {
    name: "counts as idle when it has been ready for as long as the user says",
    method: "observe",
    appliesTo: ({ idles }) => idles === true,
    async check(at, patienceMs) {
      const on = await watch(at, patienceMs, { readyThresholdMs: () => 300 });
      await at.work();
      await on.until("active");
      await at.rest();
      await on.until("idle");
    },
  },
];

const DELIVER: AgentClause[] = [
  {
    name: "writes each message once, unchanged and in order, however often it is asked to",
    method: "deliver",
    async check(at, patienceMs) {
      const received = needed(at, "received");
      const [first, second] = needed(at, "messages");
      await resting(await watch(at, patienceMs));
      await handed(at, { id: "m-1", text: first }, patienceMs);
      await handed(at, { id: "m-1", text: first }, patienceMs);
      await handed(at, { id: "m-2", text: second }, patienceMs);
      await waitFor(() => received().includes(second), { timeoutMs: patienceMs, what: "the second message" });
      await handed(at, { id: "m-1", text: first }, patienceMs);
      expect(received()).toEqual([first, second]);
    },
  },
  {
    name: "confirms a message if it says that it confirms them",
    method: "deliver",
    appliesTo: ({ agent }) => agent.receipts === "always",
    async check(at, patienceMs) {
      const [text] = needed(at, "messages");
      const on = await watch(at, patienceMs);
      await resting(on);
      const { outcome } = await handed(at, { id: "m-1", text }, patienceMs);
      const isReceipt = (fact: AgentFact) =>
        fact.kind === "accepted" && (fact.messageId === "m-1" || fact.text?.trim() === text);
      const isConfirmed = () => outcome === "accepted" || on.facts.some(isReceipt);
      await waitFor(isConfirmed, { timeoutMs: patienceMs, what: "a receipt" });
    },
  },
  {
    name: "writes nothing while it asks, because that would be the answer",
    method: "deliver",
    appliesTo: ({ agent }) => agent.answer !== undefined,
    async check(at, patienceMs) {
      const received = needed(at, "received");
      await asking(at, patienceMs);
      const before = [...received()];
      const message = { id: "m-1", text: needed(at, "messages")[0] };
      const result = await method(at.agent, "deliver")(at.session, message, { terminal: at.terminal });
      expect(result).toEqual({ outcome: "deferred", because: "asking" });
      expect(received()).toEqual(before);
    },
  },
];

const ANSWER: AgentClause[] = [
  {
    name: "tells what it asks, with what can be chosen",
    method: "answer",
    async check(at, patienceMs) {
      const { on, dialog } = await asking(at, patienceMs);
      expect(on.activity()?.state).toBe("waiting_input");
      expect(on.activity()?.question?.trim() ?? "").not.toBe("");
      expect(dialog.id).not.toBe("");
      await waitFor(() => (on.activity()?.dialog?.choices.length ?? 0) > 0, { timeoutMs: patienceMs, what: "choices" });
    },
  },
  {
    name: "answers the dialog that the user saw, once, and no other",
    method: "answer",
    async check(at, patienceMs) {
      const answers = needed(at, "answers");
      const { on } = await asking(at, patienceMs);
      const dialog = await waitFor(() => (on.activity()?.dialog?.choices.length === 0 ? null : on.activity()?.dialog), {
        timeoutMs: patienceMs,
        what: "a dialog with choices",
      });
      await refused(answerWith(at, { ...dialog, id: `${dialog.id}-before` }));
      expect(answers()).toEqual([]);
      await answerWith(at, dialog);
      await waitFor(() => answers().length > 0, { timeoutMs: patienceMs, what: "the answer" });
      await refused(answerWith(at, dialog));
      expect(answers()).toHaveLength(1);
    },
  },
];

const INTERRUPT: AgentClause[] = [
  {
    name: "interrupts the turn that runs",
    method: "interrupt",
    async check(at, patienceMs) {
      const interrupts = needed(at, "interrupts");
      const on = await watch(at, patienceMs);
      await resting(on);
      await at.work();
      await on.until("active");
      const interrupting = () => method(at.agent, "interrupt")(at.session, { terminal: at.terminal });
      await interrupting();
      await waitFor(() => interrupts() > 0, { timeoutMs: patienceMs, what: "the interrupt" });
    },
  },
];

const LAST_WORDS = "The last words of a conversation: naïve façade, 図, 😀.";

const TRANSCRIPT: AgentClause[] = [
  {
    name: "returns the end of the conversation as plain text, within the limit, and whole characters",
    method: "getTranscript",
    async check(at, patienceMs) {
      const transcript = (maxBytes: number) => method(at.agent, "getTranscript")(at.session, { maxBytes });
      await needed(at, "say")("x ".repeat(300));
      await needed(at, "say")(LAST_WORDS);
      await waitFor(async () => (await transcript(10_000))?.includes(LAST_WORDS), {
        timeoutMs: patienceMs,
        what: "the last words in the transcript",
      });
      for (let maxBytes = 20; maxBytes < 80; maxBytes++) {
        const text = (await transcript(maxBytes)) ?? "";
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        expect(text).not.toContain("\ufffd");
      }
      expect(await transcript(300)).toContain(LAST_WORDS.slice(0, 20));
    },
  },
];

export const AT_WORK: readonly AgentClause[] = [...OBSERVE, ...DELIVER, ...ANSWER, ...INTERRUPT, ...TRANSCRIPT];
