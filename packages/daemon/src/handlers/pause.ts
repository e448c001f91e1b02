import { nameOf, saidOf } from "@agent-orchestrator/core/decide/commands/pause";
import type { PauseTarget } from "@agent-orchestrator/core/model/command";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { sessionToChange } from "./shared/find.ts";

interface Result {
  target: string;
  isPaused: boolean;
  granted?: string[];
  /** It was queued for another session or issue, and no longer waits for it. */
  isReleased?: boolean;
}

/**
 * Pauses everything, one project or one session, or resumes it: no sends, starts or merges until then. `granted`:
 * sessions at a limit that may continue for a while. A queued session that is not paused stops waiting for others.
 */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsEnv: false,
  params: z.object({ target: z.string().optional(), isPaused: z.boolean() }),
}).returns<Result>(async (app, { target, isPaused }, call) => {
  const { known, name: wish } = call.wish;
  if (known?.result !== undefined) return { data: known.result as unknown as Result };
  const meant = await targetOf(app, target, call);
  const done = await app.engine.command({ kind: "pause", target: meant, isPaused, wish });
  return { data: { target: nameOf(meant), isPaused, ...saidOf(done) } };
});

async function targetOf(app: App, word: string | undefined, call: Call): Promise<PauseTarget> {
  if (word === undefined) return { scope: "everything" };
  const isProject = Object.values(app.engine.state.projects).some(({ projectId }) => projectId === word);
  if (isProject) return { scope: "project", projectId: word };
  const { id: sessionId } = await sessionToChange(app, word, call);
  return { scope: "session", sessionId };
}
