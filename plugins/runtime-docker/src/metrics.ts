import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Engine } from "./engine.ts";
import type { Run } from "./layout.ts";

/** Of the whole container. Memory without what the kernel only caches. */
export async function metrics(engine: Engine, run: Run): Promise<{ rssBytes: number; cpuMs: number }> {
  const stats = await engine.find((client) => client.getContainer(run.key).stats({ stream: false, "one-shot": true }));
  if (stats === null) throw new AoError("UNAVAILABLE", "the container is gone");
  const { usage = 0, stats: parts } = stats.memory_stats as { usage?: number; stats?: Record<string, number> };
  const cached = parts?.total_inactive_file ?? parts?.inactive_file ?? 0;
  return { rssBytes: Math.max(0, usage - cached), cpuMs: Math.round(stats.cpu_stats.cpu_usage.total_usage / 1e6) };
}
