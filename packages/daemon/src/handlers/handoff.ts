import { refusalOfHandoff } from "@agent-orchestrator/core/decide/refusals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { State } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { type ChosenAgent, chosenAgent } from "../sessions/chosen-agent.ts";
import { requireFit } from "../sessions/fit-agent.ts";
import { requireProject } from "../sessions/project-place.ts";
import { sessionOfWish, throwIfFailed, viewOf } from "./shared/find.ts";

/**
 * Lets another agent continue the session. Everything about it is checked before the current agent is stopped.
 * Returns once the new one runs or is queued.
 */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({
    session: z.string(),
    agent: z.string().optional(),
    model: z.string().optional(),
    words: z.string().max(65_536).optional(),
  }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  if (call.wish.known === null) await wish(app, record, { wanted, call });
  await handedOver(app, record, call);
  await begun(app, record.id, call);
  return { data: viewOf(app, record.id) };
});

interface Wish {
  wanted: { agent?: string | undefined; model?: string | undefined; words?: string | undefined };
  call: Call;
}

/** Resolves when the former agent has stopped and its place is the next one's. */
async function handedOver(app: App, record: SessionRecord, call: Call): Promise<void> {
  const { id: wishId } = call.wish;
  await app.engine.until(
    (state) => {
      throwIfFailed(app, { id: record.id, kind: "stop", wish: call.wish });
      const now = state.sessions[record.id];
      if (now === undefined) throw new AoError("NOT_FOUND", `${record.id} is gone`);
      if (now.handover.next) return false;
      if (now.handover.former?.some((former) => former.wishId === wishId) || now.launch.hasStarted !== true)
        return true;
      throw new AoError("TRY_AGAIN", `${record.id} was not handed off: it is ${now.status}`);
    },
    { signal: call.signal },
  );
}

async function wish(app: App, record: SessionRecord, { wanted, call }: Wish): Promise<void> {
  throwIfRefused(refusalOfHandoff(record, app.world.decideContext(record).policy));
  const project = requireProject(app, record);
  app.configs.requireTrusted(record.instanceId);
  const chosen = nextAgent(project, record, wanted);
  const { runtime, workspace } = record;
  const from = { instanceId: record.instanceId, sessionId: record.id, callerEnv: call.caller.env };
  await requireFit(app, project, { chosen, places: { runtime, workspace }, from });
  await app.world.prepare([{ ...record, agent: chosen.name, agentOptions: chosen.options, isArchived: false }]);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  const { name: agent, options: agentOptions } = chosen;
  const { id: wishId } = call.wish;
  const kept = call.wish.keep({ sessionIds: [record.id], marks: { [record.id]: record.launch.last?.number ?? 0 } });
  app.engine.tell(record.id, [{ kind: "wish-handoff", wishId, agent, agentOptions, words: wanted.words ?? null }]);
  call.progress(`${record.id}: stopping ${record.agent}`);
  await kept;
}

function nextAgent(project: ProjectConfig, record: SessionRecord, { agent, model }: Wish["wanted"]): ChosenAgent {
  const chosen = chosenAgent(project, agent ?? record.agent);
  if (chosen.name === record.agent && model === undefined) {
    throw new AoError("REFUSED", `${record.id} already runs ${record.agent}`, {
      hint: "Choose another with --agent or --model.",
    });
  }
  return model === undefined ? chosen : { ...chosen, options: { ...chosen.options, model } };
}

/** Resolves when the new agent runs or waits in the queue. Throws if its start failed. */
async function begun(app: App, id: string, call: Call): Promise<void> {
  await app.engine.until(
    (state: State) => {
      const now = state.sessions[id];
      if (now === undefined) throw new AoError("NOT_FOUND", `${id} is gone`);
      const { last: launch } = now.launch;
      const isNext =
        launch !== null && launch.number > Number(call.wish.known?.marks?.[id] ?? Number.POSITIVE_INFINITY);
      if (isNext && launch.startedAt !== null) return true;
      if (now.ending !== null) {
        throw new AoError("FAILED", `${id} did not start: ${now.ending.reason}`, { hint: wayBack(now) });
      }
      if (now.phase === "queued") return now.queuedFor !== null;
      return launch !== null && launch.startedAt !== null;
    },
    { signal: call.signal },
  );
}

const wayBack = ({ id, handover: { former: formerAgents } }: SessionRecord): string => {
  const former = formerAgents?.at(-1)?.agent;
  const back = former === undefined ? "" : `, or \`ao handoff ${id} --agent ${former}\` to give it back`;
  return `Run \`ao restore ${id}\` to try again${back}. Its work is all there.`;
};
