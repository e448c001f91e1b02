import { costText, oneLine } from "@agent-orchestrator/core/model/text";
import type { CostView, SpendingView } from "@agent-orchestrator/core/protocol/results";

/** `today: $4.12 · 1.3 M tokens (3 sessions)`, of one project or of all. Null if nothing was used. */
export function spendLine(spending: SpendingView | undefined, project?: string): string | null {
  if (spending === undefined) return null;
  const mine = spending.projects.filter(({ projectId }) => projectId === project);
  const days = project === undefined ? [spending.today] : mine.map(({ today }) => today);
  const used = days.filter(({ tokens, knownUsd }) => tokens > 0 || knownUsd > 0);
  const [first] = used;
  if (first === undefined) return null;
  const sessions = used.reduce((sum, day) => sum + day.sessions, 0);
  const cost = used.length === 1 ? first : added(used);
  const notes = [`${sessions} ${sessions === 1 ? "session" : "sessions"}`, ...unpricedNote(cost)];
  return `today: ${costText(cost)} (${notes.join("; ")})`;
}

/** Projects with the same name in several configs. */
function added(costs: readonly CostView[]): CostView {
  const isKnown = costs.every(({ usd }) => usd !== null);
  const knownUsd = costs.reduce((sum, cost) => sum + cost.knownUsd, 0);
  const tokens = costs.reduce((sum, cost) => sum + cost.tokens, 0);
  return { usd: isKnown ? knownUsd : null, knownUsd, tokens, unpriced: costs.flatMap(({ unpriced }) => unpriced) };
}

export const unpricedNote = ({ unpriced }: Pick<CostView, "unpriced">): string[] =>
  unpriced.length === 0 ? [] : [`no price for ${unpriced.map((name) => oneLine(name, 60)).join(", ")}`];
