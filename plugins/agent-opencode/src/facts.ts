import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { ModelUsage, UsageReport } from "@agent-orchestrator/core/model/usage";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { Seen, Used } from "./seen.ts";

/** Commands that may create a branch or pull request. */
const TOUCHES = /(?:^|[\s;&|(])(git\s+(?:commit|push|merge|rebase|reset|switch|checkout|branch)|gh\s+\w+|ao\s+pr)\b/;
/** OpenCode's default names for an unnamed conversation. */
const UNNAMED = /^(New|Child) session - \d{4}-/;

export function repositoryFact(command: string, at: number): AgentFact[] {
  const what = TOUCHES.exec(command)?.[1];
  return what === undefined ? [] : [{ kind: "repository-changed", at: toIso(at), what: what.replace(/\s+/g, " ") }];
}

export function infoFact(seen: Seen): AgentFact {
  const title = seen.title === null || UNNAMED.test(seen.title) ? null : oneLine(seen.title);
  return { kind: "info", info: { agentSessionId: seen.root, ...(title === null ? {} : { summary: title }) } };
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
  const known = before?.tokens ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  return {
    model,
    tokens: {
      input: known.input + tokens.input,
      output: known.output + tokens.output + tokens.reasoning,
      cacheRead: known.cacheRead + tokens.cache.read,
      cacheWrite: known.cacheWrite + tokens.cache.write,
    },
    usd: (before?.usd ?? 0) + usd,
  };
}

/** OpenCode reports 0 for a model whose price it does not know. That is not a price. */
const priced = (usage: ModelUsage): ModelUsage => (usage.usd === 0 ? { ...usage, usd: null } : usage);
