import { createHash } from "node:crypto";
import { join } from "node:path";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { z } from "zod";

export const RUNTIME_NAME = "docker";

/** What a handle contains. The container is found by its name, and what is kept about it in `dir`, which it can't see. */
export const Run = z.looseObject({
  version: z.literal(1),
  /** The container's name. */
  key: z.string(),
  sessionId: z.string(),
  instanceId: z.string(),
  dir: z.string(),
  sessionDir: z.string(),
  paste: z.enum(["bracketed", "line", "file"]).nullable(),
});
export type Run = z.infer<typeof Run>;

const hash = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/** By which containers of one home are found. */
export const homeMark = (context: Pick<PluginContext, "home">): string => hash(context.home, 12);

export function runFor(config: RuntimeCreateConfig, context: PluginContext): Run {
  const instanceId = config.instanceId ?? "local";
  const launch = hash(`${context.home} ${config.intentId ?? newId()}`, 12);
  const key = `ao-${instanceId}-${config.sessionId}-${launch}`;
  return {
    version: 1,
    key,
    sessionId: config.sessionId,
    instanceId,
    dir: join(context.stateDir, "launches", key),
    sessionDir: config.sessionDir ?? join(context.stateDir, "sessions", `${instanceId}-${config.sessionId}`),
    paste: config.paste ?? null,
  };
}

export const handleOf = (run: Run): RuntimeHandle => ({ id: run.key, runtimeName: RUNTIME_NAME, data: run });

export function runOf(handle: RuntimeHandle): Run {
  const parsed = Run.safeParse(handle.data);
  if (handle.runtimeName === RUNTIME_NAME && parsed.success) return parsed.data;
  throw new AoError("FAILED", `not a handle of the runtime ${RUNTIME_NAME}: ${handle.runtimeName} ${handle.id}`);
}

export const LABELS = {
  home: "ao.home",
  instance: "ao.instance",
  session: "ao.session",
  /** The handle, as JSON. */
  run: "ao.run",
} as const;

export const labelsOf = (run: Run, context: PluginContext): Record<string, string> => ({
  [LABELS.home]: homeMark(context),
  [LABELS.instance]: run.instanceId,
  [LABELS.session]: run.sessionId,
  [LABELS.run]: JSON.stringify(run),
});

/** The run that a container of ours carries. Null for any other. */
export function runFromLabels(labels: Record<string, string> | undefined): Run | null {
  try {
    return Run.safeParse(JSON.parse(labels?.[LABELS.run] ?? "null")).data ?? null;
  } catch {
    return null; // Somebody else's label of this name.
  }
}

/** What is kept about a launch. Of it, the container sees only the gate and its own spool. */
export const placesOf = (run: Run) => ({
  gate: join(run.dir, "gate"),
  environment: join(run.dir, "gate", "environment"),
  started: join(run.dir, "gate", "started"),
  lacking: join(run.dir, "gate", "lacking"),
  spool: join(run.dir, "spool"),
  /** Touched by attached terminals when somebody types. */
  typed: join(run.dir, "typed"),
  messages: join(run.sessionDir, "docker", "messages"),
});
