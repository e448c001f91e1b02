import { addTokens } from "@agent-orchestrator/agent-kit/tokens";
import { oneLine } from "@agent-orchestrator/core/host/text";
import type { ModelUsage, UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentSessionInfo } from "@agent-orchestrator/core/slots/agent";
import type { Seen, Used } from "./seen.ts";

/** OpenCode's default names for an unnamed conversation. */
const UNNAMED = /^(New|Child) session - \d{4}-/;

export function infoOf(seen: Seen): Partial<AgentSessionInfo> {
  const title = seen.title === null || UNNAMED.test(seen.title) ? null : oneLine(seen.title);
  return { agentSessionId: seen.root, ...(title === null ? {} : { summary: title }) };
}

/** What one conversation has used in total, by model. */
export function usageReport(seen: Seen, conversation: string): UsageReport {
  const models = new Map<string | null, ModelUsage>();
  for (const used of seen.usage.get(conversation)?.values() ?? []) {
    models.set(used.model, sum(models.get(used.model), used));
  }
  return { key: conversation, models: [...models.values()].map(priced) };
}

function sum(before: ModelUsage | undefined, { model, tokens, usd }: Used): ModelUsage {
  const { input, output, reasoning, cache } = tokens;
  const more = { input, output: output + reasoning, cacheRead: cache.read, cacheWrite: cache.write };
  return { model, tokens: addTokens(before?.tokens, more), usd: (before?.usd ?? 0) + usd };
}

/** OpenCode reports 0 for a model whose price it does not know. That is not a price. */
const priced = (usage: ModelUsage): ModelUsage => (usage.usd === 0 ? { ...usage, usd: null } : usage);
