import { toIso } from "@agent-orchestrator/core/model/time";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { PromptResponse, RequestPermissionRequest, SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { Journal } from "../journal.ts";
import type { HostSpec, HostState } from "../wire.ts";
import { openDialogs, type Picked } from "./dialogs.ts";
import type { Memory } from "./memory.ts";
import { type Opened, open } from "./opening.ts";
import { METHOD_NOT_FOUND, type Peer, RpcError } from "./peer.ts";
import { permissionText } from "./permission-text.ts";
import { choiceFor } from "./permit.ts";
import { stateOf } from "./state.ts";
import { repositoryChange, toolCalls } from "./tool-calls.ts";
import type { Transcript } from "./transcript.ts";
import { isRefused, isUsageLimit, troubleOf } from "./trouble.ts";
import { type Prompt, type TurnEnd, turns } from "./turns.ts";
import { type TurnUsage, type UsageMeter, usageMeter } from "./usage.ts";

export interface Conversation {
  /** Greets the agent; resolves when prompts may go in. */
  begin(): Promise<void>;
  submit(prompt: Prompt): "queued" | "already";
  /** Why not, in words; null: it was answered. */
  answer(dialogId: string, picked: Picked): string | null;
  /** Ends the turn that runs. false: none does. */
  cancel(): boolean;
  state(): Omit<HostState, "since">;
  onNotification(method: string, params: unknown): void;
  onRequest(method: string, params: unknown): Promise<unknown>;
}

export interface ConversationParts {
  spec: HostSpec;
  /** Where the agent listens. */
  peer: () => Peer;
  journal: Journal;
  memory: Memory;
  view: Transcript;
  clock: Clock;
  onChange(): void;
  onMoved(what: string): void;
}

/** One conversation with one agent: what comes from it, what goes to it, and what is known of it. */
export function conversation(parts: ConversationParts): Conversation {
  const { spec, journal, memory, view, clock, onChange } = parts;
  const now = () => toIso(clock.now());
  const permit = { mode: spec.permissions, allow: spec.allow, cwd: spec.cwd };
  const calls = toolCalls();
  let opened: Opened | null = null;
  let meter: UsageMeter | null = null;
  let isReplaying = false;
  let lastEnd: TurnEnd | null = null;
  const changed = (): void => onChange();
  const dialogs = openDialogs(`${clock.now().toString(36)}-${process.pid}`, {
    onOpen: view.dialog,
    onAnswered: (_open, answer) => view.answered(answer),
    onChange: changed,
  });
  const flow = turns({
    journal,
    clock,
    sent: memory.sent,
    prompt,
    onBegin(begun) {
      lastEnd = null;
      view.prompt(begun);
    },
    onEnd(_prompt, end) {
      lastEnd = end;
      calls.clear();
      dialogs.cancelAll();
      view.turnEnded(end);
    },
    onChange: changed,
    onFault: (error) => view.note(`ao: ${troubleOf(error)}`),
  });

  async function prompt(text: string): Promise<TurnEnd> {
    try {
      const params = { sessionId: opened?.thread, prompt: [{ type: "text", text }] };
      const answer = await parts
        .peer()
        .request<PromptResponse & { usage?: TurnUsage | null }>("session/prompt", params);
      if (meter?.addTurn(opened?.model ?? null, answer.usage)) tellUsage();
      return { stop: answer.stopReason ?? "end_turn", error: null, isTaken: true };
    } catch (error) {
      return { stop: "error", error: troubleOf(error), isTaken: error instanceof RpcError && !isRefused(error) };
    }
  }

  function tellUsage(): void {
    const usage = meter?.report() ?? null;
    if (usage !== null) journal.add({ k: "usage", at: now(), usage });
    changed();
  }

  async function begin(): Promise<void> {
    const peer = parts.peer();
    const found = await open({
      peer,
      spec,
      dialogs,
      note: view.note,
      onReplay(isOn) {
        isReplaying = isOn;
      },
    });
    opened = found;
    meter = usageMeter(found.thread, memory.usage.get(found.thread) ?? null);
    const { thread: id, agent, canReturn, isResumed } = found;
    journal.add({ k: "session", at: now(), id, cwd: spec.cwd, agent, canReturn });
    view.header(`${agent} · ${isResumed ? "taken up: " : ""}${id} · permissions: ${spec.permissions}`);
    flow.open();
    changed();
  }

  function onUpdate(update: SessionUpdate): void {
    if (update.sessionUpdate === "usage_update") {
      if (meter?.setCost(update.cost)) tellUsage();
      return;
    }
    if (update.sessionUpdate === "session_info_update") {
      if (typeof update.title === "string" && update.title !== "") {
        journal.add({ k: "title", at: now(), title: update.title });
        changed();
      }
      return;
    }
    if (update.sessionUpdate === "available_commands_update") return;
    if (update.sessionUpdate === "tool_call" || update.sessionUpdate === "tool_call_update") onTool(update);
    else view.update(update);
    if (isReplaying) return;
    flow.noteSign();
    parts.onMoved(update.sessionUpdate);
  }

  function onTool(update: ToolCallUpdate): void {
    const { call, before } = calls.take(update);
    view.tool(call, before);
    if (isReplaying) return;
    const what = call.status === "completed" && before?.status !== "completed" ? repositoryChange(call) : null;
    if (what !== null) journal.add({ k: "repository", at: now(), what });
    changed();
  }

  async function onPermission(request: RequestPermissionRequest): Promise<unknown> {
    flow.noteSign();
    const { call, before } = calls.take(request.toolCall);
    view.tool(call, before);
    const selected = (optionId: string) => ({ outcome: { outcome: "selected", optionId } });
    const free = choiceFor({ ...request, toolCall: { ...request.toolCall, kind: call.kind as "edit" } }, permit);
    if (free !== null) return selected(free.optionId);
    const answer = await dialogs.ask({
      kind: "permission",
      text: permissionText(call),
      choices: request.options.map(({ name, kind }) => ({
        label: name,
        isAlways: kind === "allow_always" || kind === "reject_always",
        isRefusal: kind.startsWith("reject"),
      })),
    });
    const option = answer !== null && "index" in answer ? request.options[answer.index] : undefined;
    return option === undefined ? { outcome: { outcome: "cancelled" } } : selected(option.optionId);
  }

  return {
    begin,
    submit: flow.submit,
    answer: dialogs.answer,
    cancel() {
      if (flow.running() === null || opened === null) return false;
      parts.peer().notify("session/cancel", { sessionId: opened.thread });
      // The protocol wants it so: whoever asked is told that nobody will answer.
      dialogs.cancelAll();
      return true;
    },
    state: () =>
      stateOf({
        thread: opened?.thread ?? null,
        dialog: dialogs.current()?.dialog ?? null,
        running: flow.running(),
        queued: flow.waiting(),
        tool: calls.running(),
        lastEnd,
        isLimited: lastEnd?.error != null && isUsageLimit(lastEnd.error),
      }),
    onNotification(method, params) {
      const update = (Object(params) as { update?: SessionUpdate; sessionId?: unknown }) ?? {};
      const isOurs = opened === null || update.sessionId === opened.thread;
      if (method === "session/update" && isOurs && typeof update.update?.sessionUpdate === "string")
        onUpdate(update.update);
    },
    async onRequest(method, params) {
      if (method === "session/request_permission") return onPermission(params as RequestPermissionRequest);
      throw new RpcError(METHOD_NOT_FOUND, `the client has no ${method}`);
    },
  };
}
