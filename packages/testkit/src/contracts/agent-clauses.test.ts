import type { Activity } from "@agent-orchestrator/core/model/activity";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent, AgentFact } from "@agent-orchestrator/core/slots/agent";
import { describe, expect, test } from "vitest";
import { pluginSession } from "../session.ts";
import type { AgentAtWork } from "./agent-at-work.ts";
import { type AgentClause, AT_WORK } from "./agent-clauses.ts";

const AT = "2026-01-01T00:00:00.000Z";
type State = Activity["state"];

/** The least that keeps the contract. Its program is a few variables. */
class Model {
  state: State = "ready";
  readonly observers = new Set<(fact: AgentFact) => void>();
  readonly got: string[] = [];
  readonly ids = new Set<string>();
  readonly answered: unknown[] = [];
  interrupted = 0;
  said = "";
  dialogs = 0;
  isAnswered = true;
  readyMs = 300_000;

  tell(fact: AgentFact): void {
    for (const onFact of [...this.observers]) onFact(fact);
  }

  activity(more: Partial<Activity> = {}): AgentFact {
    return {
      kind: "activity",
      activity: { state: this.state, since: AT, source: "hook", evidence: "it says", ...more },
    };
  }

  be(state: State, more: Partial<Activity> = {}): void {
    this.state = state;
    this.tell(this.activity(more));
  }

  rest(): void {
    this.be("ready");
    this.tell({ kind: "turn-ended", at: AT });
    setTimeout(() => this.state === "ready" && this.be("idle"), Math.min(this.readyMs, 100_000)).unref();
  }

  ask(): void {
    const id = `d${++this.dialogs}`;
    this.isAnswered = false;
    const dialog = { id, kind: "permission" as const, text: "May I?", choices: ["Yes", "No"], takesText: false };
    this.be("waiting_input", { question: "May I?", dialog });
  }
}

const agentOf = (model: Model) =>
  ({
    processName: "model",
    receipts: "always",
    getLaunchCommand: () => "model",
    getEnvironment: () => ({}),
    async observe(_session, onFact, means) {
      model.observers.add(onFact);
      model.readyMs = means?.readyThresholdMs?.() ?? 300_000;
      onFact(model.activity());
      return { hint: () => undefined, stop: async () => void model.observers.delete(onFact) };
    },
    async deliver(_session, { id, text }) {
      if (!model.isAnswered) return { outcome: "deferred", because: "asking" };
      if (model.ids.has(id)) return { outcome: "accepted" };
      model.ids.add(id);
      model.got.push(text);
      model.tell({ kind: "accepted", messageId: id, at: AT });
      return { outcome: "written" };
    },
    async answer(_session, choice, { dialog }) {
      if (model.isAnswered || dialog.id !== `d${model.dialogs}`) throw new AoError("REFUSED", "another dialog or none");
      model.isAnswered = true;
      model.answered.push(choice);
    },
    async interrupt() {
      model.interrupted += 1;
    },
    async getTranscript(_session, { maxBytes }) {
      const end = Buffer.from(model.said).subarray(-maxBytes).toString("utf8");
      return end.replace(/^\ufffd+/, "");
    },
  }) satisfies Agent;

type Whole = ReturnType<typeof agentOf>;
type Break = (agent: Whole, model: Model) => Partial<Agent>;

function atWork(breaks: Break = () => ({})): AgentAtWork {
  const model = new Model();
  const whole = agentOf(model);
  return {
    agent: { ...whole, ...breaks(whole, model) },
    session: pluginSession(),
    terminal: { screen: async () => null, write: async () => undefined, press: async () => undefined },
    idles: true,
    work: () => model.be("active"),
    rest: () => model.rest(),
    ask: () => model.ask(),
    answers: () => model.answered,
    messages: ["one", "two"],
    received: () => model.got,
    interrupts: () => model.interrupted,
    say: (words) => {
      model.said += words;
    },
  };
}

/** An agent whose facts pass through this. Null: the fact is swallowed. */
const passing =
  (change: (fact: AgentFact) => AgentFact | null): Break =>
  (agent) => ({
    observe: (session, onFact, means) =>
      agent.observe(
        session,
        (fact) => {
          const changed = change(fact);
          if (changed !== null) onFact(changed);
        },
        means as never,
      ),
  });
const without = (kind: AgentFact["kind"]): Break => passing((fact) => (fact.kind === kind ? null : fact));
const changed = (change: (activity: Activity) => Partial<Activity>): Break =>
  passing((fact) =>
    fact.kind === "activity" ? { kind: "activity", activity: { ...fact.activity, ...change(fact.activity) } } : fact,
  );

const BROKEN: [breaks: string, clause: string, Break][] = [
  [
    "never says that it works",
    "tells that it works",
    changed(({ state }) => ({ state: state === "active" ? "ready" : state })),
  ],
  ["never rests", "tells that it works", changed(({ state }) => ({ state: state === "ready" ? "active" : state }))],
  ["gives no evidence", "tells that it works", changed(() => ({ evidence: " " }))],
  ["gives a time that is none", "tells that it works", changed(() => ({ since: "just now" }))],
  ["never ends a turn", "tells once that a turn", without("turn-ended")],
  [
    "ends each turn twice",
    "tells once that a turn",
    (agent) => ({
      observe: (session, onFact, means) =>
        agent.observe(
          session,
          (fact) => {
            onFact(fact);
            if (fact.kind === "turn-ended") onFact(fact);
          },
          means as never,
        ),
    }),
  ],
  [
    "goes on telling after the stop",
    "is silent once",
    (agent) => ({
      observe: async (...args) => ({
        ...(await agent.observe(...(args as [never, never, never]))),
        stop: async () => undefined,
      }),
    }),
  ],
  [
    "tells the next observation nothing",
    "is silent once",
    (agent) => {
      let isFirst = true;
      return {
        observe: async (session, onFact, means) => {
          const tell = isFirst ? onFact : () => undefined;
          isFirst = false;
          return agent.observe(session, tell, means as never);
        },
      };
    },
  ],
  [
    "has a threshold of its own",
    "counts as idle",
    (agent) => ({ observe: (session, onFact) => agent.observe(session, onFact, undefined as never) }),
  ],
  [
    "repeats a message",
    "writes each message once",
    (_, model) => ({
      deliver: async (_session, { text }) => {
        model.got.push(text);
        return { outcome: "written" };
      },
    }),
  ],
  [
    "changes a message",
    "writes each message once",
    (agent) => ({
      deliver: (session, message) => agent.deliver(session, { ...message, text: `${message.text}!` }),
    }),
  ],
  ["loses every message", "writes each message once", () => ({ deliver: async () => ({ outcome: "written" }) })],
  ["gives no receipt", "confirms a message", without("accepted")],
  [
    "writes into a question",
    "writes nothing while it asks",
    (_, model) => ({
      deliver: async (_session, { text }) => {
        model.got.push(text);
        return { outcome: "written" };
      },
    }),
  ],
  ["shows no dialog", "tells what it asks", changed(() => ({ dialog: undefined }))],
  [
    "shows no choices",
    "tells what it asks",
    changed(({ dialog }) => (dialog === undefined ? {} : { dialog: { ...dialog, choices: [] } })),
  ],
  ["has no question in one line", "tells what it asks", changed(() => ({ question: "" }))],
  [
    "answers whatever is open",
    "answers the dialog",
    (agent, model) => ({
      answer: (session, choice, { dialog }) =>
        agent.answer(session, choice, { dialog: { ...dialog, id: `d${model.dialogs}` } } as never),
    }),
  ],
  [
    "answers twice",
    "answers the dialog",
    (_, model) => ({
      answer: async (_session, choice, { dialog }) => {
        if (dialog.id !== `d${model.dialogs}`) throw new AoError("REFUSED", "another dialog");
        model.answered.push(choice);
      },
    }),
  ],
  [
    "swallows the answer",
    "answers the dialog",
    (agent, model) => ({
      answer: async (session, choice, options) => {
        await agent.answer(session, choice, options);
        model.answered.length = 0;
      },
    }),
  ],
  ["swallows the interrupt", "interrupts the turn", () => ({ interrupt: async () => undefined })],
  ["returns no transcript", "returns the end", () => ({ getTranscript: async () => null })],
  [
    "returns the beginning",
    "returns the end",
    (_, model) => ({ getTranscript: async (_session, { maxBytes }) => model.said.slice(0, Math.min(maxBytes, 400)) }),
  ],
  ["ignores the limit", "returns the end", (_, model) => ({ getTranscript: async () => model.said })],
  [
    "cuts a character",
    "returns the end",
    (_, model) => ({
      getTranscript: async (_session, { maxBytes }) => Buffer.from(model.said).subarray(-maxBytes).toString("utf8"),
    }),
  ],
];

const clauseOf = (beginning: string): AgentClause => {
  const clause = AT_WORK.find(({ name }) => name.startsWith(beginning));
  if (clause === undefined) throw new Error(`no clause ${beginning}`);
  return clause;
};

describe("the clauses of the agent contract", () => {
  test.each(AT_WORK)("$method: an agent that keeps it passes: $name", async (clause) => {
    await clause.check(atWork(), 5_000);
  });

  test.each(BROKEN)("an agent that %s fails “%s”", async (_, clause, breaks) => {
    await expect(clauseOf(clause).check(atWork(breaks), 600)).rejects.toThrow();
  });

  test("each clause has an agent that fails it", () => {
    const broken = new Set(BROKEN.map(([, clause]) => clauseOf(clause)));
    expect(AT_WORK.filter((clause) => !broken.has(clause)).map(({ name }) => name)).toEqual([]);
  });

  test.each(["work", "received", "messages", "ask", "answers", "interrupts", "say"] as const)(
    "an agent whose stand-in has no `%s` fails the suite, instead of leaving it out",
    async (part) => {
      const outcomes = await Promise.allSettled(
        AT_WORK.map((clause) => clause.check({ ...atWork(), [part]: undefined } as never, 600)),
      );
      expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
    },
  );
});
