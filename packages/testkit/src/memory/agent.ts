import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent, AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Faults } from "./faults.ts";

export interface MemoryAgent extends Agent {
  /** The agent of this session reports something, if anybody listens. */
  say(sessionId: string, fact: AgentFact): void;
  activity(sessionId: string, state: "active" | "ready" | "idle" | "waiting_input", question?: string): void;
  readonly observerCount: number;
  /** Opens a dialog, until it is answered or something else is reported. Returns its id. */
  ask(sessionId: string, dialog?: Partial<Dialog>): string;
  readonly answers: { sessionId: string; dialogId: string; choice: string; number: number | null }[];
  readonly interrupted: string[];
  /** What the runtime passed to `observe` for each session. */
  readonly hints: { sessionId: string; kind: string }[];
}

export interface MemoryAgentOptions {
  clock: Clock;
  faults: Faults;
  lifetime?: "interactive" | "per-turn";
  receipts?: "always" | "never";
  promptDelivery?: "inline" | "post-launch";
  canResume?: boolean;
}

/** A program that does nothing by itself. Tests act for it. */
export function memoryAgent(options: MemoryAgentOptions): MemoryAgent {
  const { clock, faults } = options;
  const observers = new Map<string, Set<(fact: AgentFact) => void>>();
  const hints: MemoryAgent["hints"] = [];
  const answers: MemoryAgent["answers"] = [];
  const interrupted: string[] = [];
  const open = new Map<string, string>();
  let dialogs = 0;
  const say = (sessionId: string, fact: AgentFact) => {
    for (const onFact of [...(observers.get(sessionId) ?? [])]) onFact(fact);
  };
  return {
    processName: "memory-agent",
    lifetime: options.lifetime ?? "interactive",
    receipts: options.receipts ?? "always",
    promptDelivery: options.promptDelivery ?? "inline",
    canResume: options.canResume ?? true,
    hints,
    answers,
    interrupted,
    say,
    ask(sessionId, changes) {
      const id = `d${++dialogs}`;
      const base = { id, kind: "permission" as const, text: "May I?", choices: ["Yes", "No"], takesText: false };
      const since = new Date(clock.now()).toISOString();
      const asked = { since, source: "hook" as const, evidence: "it asks", question: "May I?" };
      open.set(sessionId, id);
      say(sessionId, {
        kind: "activity",
        activity: { state: "waiting_input", ...asked, dialog: { ...base, ...changes } },
      });
      return id;
    },
    answer: (session, choice, { dialog, number, signal }) =>
      faults.run("agent.answer", signal === undefined ? undefined : { signal }, () => {
        if (open.get(session.id) !== dialog.id) throw new AoError("REFUSED", "another dialog is open, or none");
        open.delete(session.id);
        answers.push({ sessionId: session.id, dialogId: dialog.id, choice, number });
      }),
    interrupt: (session) => faults.run("agent.interrupt", undefined, () => void interrupted.push(session.id)),
    activity(sessionId, state, question) {
      const since = new Date(clock.now()).toISOString();
      const asked = question === undefined ? {} : { question };
      say(sessionId, { kind: "activity", activity: { state, since, source: "hook", evidence: state, ...asked } });
    },
    get observerCount() {
      return [...observers.values()].reduce((sum, each) => sum + each.size, 0);
    },
    getLaunchCommand: () => "exec memory-agent",
    getLaunchSpec: (config) =>
      faults.run("agent.getLaunchSpec", undefined, () => ({
        argv: ["memory-agent", ...(config.resume === undefined ? [] : ["--resume"])],
        promptDelivered: options.promptDelivery !== "post-launch",
      })),
    getEnvironment: () => ({}),
    observe: (session, onFact) =>
      faults.run("agent.observe", undefined, () => {
        const own = observers.get(session.id) ?? new Set();
        observers.set(session.id, own.add(onFact));
        return {
          hint: ({ kind }: { kind: string }) => void hints.push({ sessionId: session.id, kind }),
          async stop() {
            own.delete(onFact);
          },
        };
      }),
  };
}
