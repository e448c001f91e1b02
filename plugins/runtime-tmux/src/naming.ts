import { AoError } from "@agent-orchestrator/core/model/errors";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";

/** Safe as a tmux session name (no `.`, `:`), as a target and in a file name. */
const Plain = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);

const HandleData = z.looseObject({
  intent: Plain,
  sessionId: Plain,
  instanceId: z.string(),
  /** Set at the launch. If absent, it is detected. */
  paste: z.enum(["bracketed", "line", "file"]).optional(),
  /** Where message files go. */
  sessionDir: z.string().optional(),
});
export type HandleData = z.infer<typeof HandleData>;

/** A handle as this plugin understands it. `key` names one launch, `name` the tmux session. */
export interface Launch extends HandleData {
  name: string;
  key: string;
}

export const RUNTIME_NAME = "tmux";

export function sessionName(sessionId: string, instanceId: string): string {
  const name = instanceId === "" ? sessionId : `${instanceId}-${sessionId}`;
  if (!Plain.safeParse(name).success || name === HUB) {
    throw new AoError("USAGE", `not a session name: ${JSON.stringify(name).slice(0, 120)}`, {
      hint: "A session's name must consist of letters, digits, - and _.",
    });
  }
  return name;
}

/** The session that holds a link to every agent's window. */
export const HUB = "ao_hub";

export function intentOf(intent: string): string {
  if (!Plain.safeParse(intent).success)
    throw new AoError("USAGE", "an intent's id must consist of letters, digits, - and _");
  return intent;
}

export function handleOf(data: HandleData): RuntimeHandle {
  return { id: sessionName(data.sessionId, data.instanceId), runtimeName: RUNTIME_NAME, data };
}

export function launchOf(handle: RuntimeHandle): Launch {
  const parsed = HandleData.safeParse(handle.data);
  if (!parsed.success || sessionName(parsed.data.sessionId, parsed.data.instanceId) !== handle.id) {
    throw new AoError("NOT_FOUND", `this is no handle of the tmux runtime: ${JSON.stringify(handle.id).slice(0, 120)}`);
  }
  return { ...parsed.data, name: handle.id, key: `${handle.id}.${parsed.data.intent}` };
}
