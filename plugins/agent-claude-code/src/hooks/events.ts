import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import type { Dropped } from "@agent-orchestrator/plugin-kit/drop-folder";
import { z } from "zod";
import type { Signals } from "../signals.ts";
import { failureOf } from "../transcript/failure.ts";

const Payload = z.looseObject({
  session_id: z.string().optional(),
  transcript_path: z.string().optional(),
  source: z.string().optional(),
  prompt: z.string().optional(),
  tool_name: z.string().optional(),
  agent_id: z.string().optional().catch(undefined),
  tool_input: z.unknown().optional(),
  permission_suggestions: z.array(z.unknown()).optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  last_assistant_message: z.string().optional().catch(undefined),
  background_tasks: z
    .array(z.looseObject({ type: z.string().optional(), description: z.string().optional() }))
    .optional()
    .catch(undefined),
  cost: z.looseObject({ total_cost_usd: z.number().nonnegative().optional() }).optional().catch(undefined),
  model: z.unknown().optional(),
  version: z.string().optional().catch(undefined),
});
export type HookPayload = z.infer<typeof Payload>;

/** What a hook or the status line reported. */
export interface HookEvent {
  name: string;
  /** The pid of the hook's shell, which names its pipe if it waits. */
  pid: number;
  at: string;
  payload: HookPayload;
}

/** A payload that is too large or not JSON still shows that the event happened. */
export function readHook({ label, pid, text, at }: Dropped): HookEvent {
  return { name: label, pid, at, payload: payloadOf(text) };
}

const payloadOf = (text: string | null): HookPayload => Payload.safeParse(parseJson(text ?? "{}")).data ?? {};

/** What the hooks have reported so far, including this one. */
export function hooksAfter(hooks: Signals["hooks"], { name, at, payload }: HookEvent): Signals["hooks"] {
  const atMs = Date.parse(at);
  switch (name) {
    case "SessionStart":
      return { ...hooks, startedMs: atMs };
    case "UserPromptSubmit":
      return { ...hooks, promptMs: atMs, failure: null, background: [] };
    case "Stop": {
      const background = (payload.background_tasks ?? []).map((task) => task.description ?? task.type ?? "a task");
      return { ...hooks, stopMs: atMs, background };
    }
    case "StopFailure": {
      const failure = failureOf(payload.last_assistant_message ?? "", payload.error ?? null, null);
      return { ...hooks, failure: { ...failure, atMs } };
    }
    default:
      return hooks;
  }
}
