import { dayOf } from "@agent-orchestrator/core/decide/day";
import { todayOf } from "@agent-orchestrator/core/decide/spend";
import { addCosts, costOf } from "@agent-orchestrator/core/decide/tally";
import { utcOffsetMs } from "@agent-orchestrator/core/host/clock";
import type { Prices } from "@agent-orchestrator/core/model/prices";
import type { ProjectSpend } from "@agent-orchestrator/core/model/spend";
import type { SpendingView } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";

/** What all sessions have used, archived ones too: today, and by project. */
export function spendingOf(app: App): SpendingView {
  const { clock } = app.world;
  const day = dayOf(clock.now(), { utcOffsetMs: utcOffsetMs(clock) });
  const projects = Object.values(app.engine.state.spend).map((spend) => {
    const prices = pricesOf(app, spend);
    return {
      projectId: spend.projectId,
      instanceId: spend.instanceId,
      total: costOf(spend.total, prices),
      today: { ...costOf(todayOf(spend, day), prices), sessions: spend.day === day ? spend.sessionsToday : 0 },
    };
  });
  const sessions = projects.reduce((sum, { today }) => sum + today.sessions, 0);
  return { day, today: { ...addCosts(projects.map(({ today }) => today)), sessions }, projects };
}

export const pricesOf = (app: App, { instanceId, projectId }: ProjectSpend): Prices =>
  app.configs.get(instanceId)?.policies.get(projectId)?.prices ?? {};
