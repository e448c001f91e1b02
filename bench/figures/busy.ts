import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { Bench } from "../support/context.ts";
import { childrenOf, cpuMs, reapedCpuMs, rssMb } from "../support/proc.ts";
import { Stage } from "../support/stage.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const WARM_UP_S = 20;
const WATCHED_S = 60;
const STEPS_PER_COMMIT = 5;

/** What the daemon costs beside agents that print every second and commit every fifth. */
export const busy: Bench = async ({ isQuick, say }) => {
  const size = isQuick ? 20 : 60;
  const stage = new Stage({
    agent: "busy",
    agentArgs: [String(STEPS_PER_COMMIT)],
    issues: size,
    quietMs: 10_000,
    project: `    scm: { plugin: local, openPr: turn-end }`,
  });
  try {
    await stage.begin();
    await stage.box.get("spawn", { words: ["app", ...Array.from({ length: size }, (_, at) => String(at + 1))] });
    await waitFor(async () => (await stage.box.get("status", {})).every(({ status }) => status === "working"), {
      what: "all at work",
      timeoutMs: 120_000,
    });
    for (const { id } of await stage.box.get("status", {})) {
      await stage.box.get("pr-create", { session: id }).catch(() => undefined); // before its first commit
    }
    await sleep(WARM_UP_S * 1000);
    const pid = stage.daemonPid;
    const log = logBytes(stage.box.home);
    const before = cpuMs(pid);
    const reaped = reapedCpuMs(pid);
    await sleep(WATCHED_S * 1000);
    const own = cpuMs(pid) - before;
    const programs = reapedCpuMs(pid) - reaped;
    const grown = logBytes(stage.box.home) - log;
    say(`${childrenOf(pid).length} children; programs that ended used ${(programs / (WATCHED_S * 10)).toFixed(1)} %`);
    return [
      {
        id: "busy-cpu",
        what: `the daemon beside ${size} sessions at work, of one core`,
        unit: "%",
        figure: own / (WATCHED_S * 10),
        goal: "≤ 6 % for 60",
        limit: (6 * size) / 60,
        notes: [`its programs: ${(programs / (WATCHED_S * 10)).toFixed(1)} %`],
      },
      {
        id: "busy-log",
        what: `the event log's growth in an hour, ${size} sessions at work`,
        unit: "MB",
        figure: (grown * 3600) / WATCHED_S / 1e6,
        goal: "≤ 1 MB for 60",
        limit: size / 60,
      },
      {
        id: "busy-memory",
        what: `the daemon's memory, ${size} sessions at work`,
        unit: "MB",
        figure: rssMb(pid),
        goal: "≤ 150 MB",
        limit: 150,
      },
    ];
  } finally {
    await stage.close();
  }
};

function logBytes(home: string): number {
  const dir = join(home, "events");
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
