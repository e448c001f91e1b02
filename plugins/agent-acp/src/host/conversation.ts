import { toIso } from "@agent-orchestrator/core/model/time";
import type { PromptResponse, RequestPermissionRequest, SessionUpdate } from "@agentclientprotocol/sdk";
import type { HostState } from "../wire.ts";
import { openDialogs, type Picked } from "./dialogs.ts";
import { askQuestion } from "./elicitation.ts";
import { open } from "./opening.ts";
import { isRefused, isUsageLimit, METHOD_NOT_FOUND, RpcError, troubleOf } from "./peer.ts";
import { askPermission } from "./permission.ts";
import { promptBlocks } from "./prompt.ts";
import { stateOf } from "./state.ts";
import { type ConversationParts, onUpdate, type Talk, tellUsage } from "./talk.ts";
import { toolCalls } from "./tool-calls.ts";
import { type Prompt, type TurnEnd, turns } from "./turns.ts";
import { type TurnUsage, usageMeter } from "./usage.ts";

export interface Conversation {
  /** Greets the agent. Resolves when prompts may be sent. */
  begin(): Promise<void>;
  submit(prompt: Prompt): "queued" | "already";
  /** A message from outside. `asking`: not accepted, because a question is open. */
  send(id: string, text: string): "queued" | "already" | "asking";
  /** Why it was not answered, or null if it was. */
  answer(dialogId: string, picked: Picked): string | null;
  /** Ends the running turn, or the first one before it starts. False if there is none. */
  cancel(): boolean;
  state(): Omit<HostState, "since">;
  onNotification(method: string, params: unknown): void;
  onRequest(method: string, params: unknown): Promise<unknown>;
}

/** One conversation with one agent: its input, its output, and what is known about it. */
export function conversation(parts: ConversationParts): Conversation {
  const talk = talkOf(parts);
  const { view } = parts;
  return {
    begin: () => begin(talk),
    submit: talk.turns.submit,
    send(id, text) {
      if (talk.dialogs.current() !== null && !talk.turns.wasTaken(id)) return "asking";
      return talk.turns.submit({ id, text, from: "ao" });
    },
    answer: talk.dialogs.answer,
    cancel() {
      if (!talk.turns.cancel()) return false;
      if (talk.opened === null)
        view.note("Interrupted before it started. Its first prompt will be ended as soon as it is sent.");
      return true;
    },
    state: () =>
      stateOf({
        thread: talk.opened?.thread ?? null,
        dialog: talk.dialogs.current()?.dialog ?? null,
        running: talk.turns.running(),
        queued: talk.turns.waiting(),
        tool: talk.calls.running(),
        lastEnd: talk.lastEnd,
        isLimited: talk.lastEnd?.error != null && isUsageLimit(talk.lastEnd.error),
      }),
    onNotification(method, params) {
      const { update, sessionId } = Object(params) as { update?: SessionUpdate; sessionId?: unknown };
      // Ignore the agent's other conversations (for titles, for helpers).
      const isOurs = talk.opened === null || sessionId === talk.opened.thread;
      if (method === "session/update" && isOurs && typeof update?.sessionUpdate === "string") onUpdate(talk, update);
    },
    async onRequest(method, params) {
      if (method === "session/request_permission") return askPermission(talk, params as RequestPermissionRequest);
      if (method === "elicitation/create") return askQuestion(talk, params);
      throw new RpcError(METHOD_NOT_FOUND, `the client has no ${method}`);
    },
  };
}

function talkOf(parts: ConversationParts): Talk {
  const { clock, view, journal, memory, onChange } = parts;
  const dialogs = openDialogs(`${clock.now().toString(36)}-${process.pid}`, {
    onOpen: view.dialog,
    onAnswered: (_open, answer) => view.answered(answer),
    onChange,
  });
  const talk: Talk = {
    ...parts,
    now: () => toIso(clock.now()),
    calls: toolCalls(),
    dialogs,
    turns: turns({
      journal,
      clock,
      sent: memory.sent,
      prompt: (given) => prompt(talk, given),
      cancel: () => cancel(talk),
      onBegin(begun) {
        talk.lastEnd = null;
        view.prompt(begun);
      },
      onEnd: (_prompt, end) => endTurn(talk, end),
      onChange,
      onFault: (error) => view.note(`ao: ${troubleOf(error)}`),
    }),
    commands: new Set(),
    opened: null,
    meter: null,
    isReplaying: false,
    lastEnd: null,
  };
  return talk;
}

async function begin(talk: Talk): Promise<void> {
  const { peer, spec, dialogs, view, memory, journal } = talk;
  const opened = await open({
    peer: peer(),
    spec,
    dialogs,
    note: view.note,
    onReplay(isOn) {
      talk.isReplaying = isOn;
      view.replay(isOn);
    },
  });
  const { thread: id, agent, canReturn } = opened;
  const used = memory.usage.get(id) ?? null;
  // Not every agent repeats which model it uses.
  talk.opened = { ...opened, model: opened.model ?? used?.models.at(-1)?.model ?? null };
  talk.meter = usageMeter(id, used);
  talk.calls.clear();
  journal.add({ k: "session", at: talk.now(), id, cwd: spec.cwd, agent, canReturn });
  view.header(`${agent} · ${spec.resume === null ? "" : "resumed: "}${id} · permissions: ${spec.permissions}`);
  talk.turns.open();
  talk.onChange();
}

async function prompt(talk: Talk, given: Prompt): Promise<TurnEnd> {
  try {
    const params = { sessionId: talk.opened?.thread, prompt: promptBlocks(given, talk.commands) };
    const answer = await talk.peer().request<PromptResponse & { usage?: TurnUsage | null }>("session/prompt", params);
    if (talk.meter?.addTurn(talk.opened?.model ?? null, answer.usage)) tellUsage(talk);
    return { stop: answer.stopReason ?? "end_turn", error: null, isTaken: true };
  } catch (error) {
    return { stop: "error", error: troubleOf(error), isTaken: error instanceof RpcError && !isRefused(error) };
  }
}

function endTurn(talk: Talk, end: TurnEnd): void {
  talk.lastEnd = end;
  talk.calls.clear();
  talk.dialogs.cancelAll();
  talk.view.turnEnded(end);
}

function cancel(talk: Talk): void {
  talk.peer().notify("session/cancel", { sessionId: talk.opened?.thread });
  // As the protocol requires, cancel open questions.
  talk.dialogs.cancelAll();
}
