import { type ExplainedReaction, explain } from "@agent-orchestrator/core/decide/explain";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import type { Explanation } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { checkRows } from "../sessions/check-rows.ts";
import { noteLook, sessionOf, viewOf } from "./shared/find.ts";

/** Why a session has its status. `isLook` as for `show`. */
export const request = defineRequest({
  access: "own",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string(), isLook: z.boolean().optional() }),
}).returns<Explanation>(async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  const told = explain(record, app.world.decideContext(record), app.observers.lastLook(record.id));
  const session = viewOf(app, record.id);
  if (wanted.isLook === true) noteLook(app, record, call);
  const intents = Object.values(app.engine.state.intents).filter(({ sessionId }) => sessionId === record.id);
  return {
    data: {
      session,
      facts: told.facts.map(({ what, value, ...rest }) => ({ text: `${what}: ${value}`, ...rest })),
      rule: { status: told.status, text: `${told.rule}: ${told.because}`, since: told.since },
      reactions: told.reactions.map(reactionLine),
      pending: [
        ...told.messages.map(
          ({ id, state, heldFor }) => `message ${id}: ${state}${heldFor === null ? "" : ` (${heldFor})`}`,
        ),
        ...intents.map(
          ({ action, at }) => `${action.kind}, for ${formatDuration(app.world.clock.now() - Date.parse(at))}`,
        ),
      ],
      ...(record.pr.snapshot === null ? {} : { checks: checkRows(app, record) }),
    },
  };
});

function reactionLine(reaction: ExplainedReaction) {
  const { key, problem, sends, held, insteadBecause, escalatedAt, notifiedAt, lastSendAt, beganAt } = reaction;
  const state = held !== null ? `held: ${held}` : escalatedAt !== null ? "escalated" : "open";
  const counted = sends === 0 ? reaction.action : `${reaction.action}, ${sends} sent`;
  const text = [problem, counted, ...(insteadBecause === null ? [] : [insteadBecause])].join("; ");
  return { key, state, text, at: escalatedAt ?? lastSendAt ?? notifiedAt ?? beganAt };
}
