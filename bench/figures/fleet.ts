import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../support/context.ts";
import type { Fleet } from "../support/fleet.ts";
import { byTurns, median, timed } from "../support/numbers.ts";
import {
  childrenOf,
  cpuMs,
  hasStrace,
  programsStarted,
  programsStartedBy,
  reapedCpuMs,
  rssMb,
} from "../support/proc.ts";
import { AO, nodeAlone, type Stage } from "../support/stage.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `ao status --json` with many sessions, and the processes that it and the daemon start. */
export const status: Bench = async ({ rounds, fleet }) => {
  const { stage, size } = await fleet();
  const where = { cwd: stage.box.repo.path, env: stage.env };
  const samples = await byTurns(rounds(30), {
    byHand: () => timed(nodeAlone),
    ao: () => timed(() => execFileSync(process.execPath, [AO, "status", "--json"], { ...where, maxBuffer: 64 << 20 })),
  });
  const byHand = median(samples.byHand);
  const answer = JSON.parse(await stage.ao("status", "--json")) as { data: unknown[] };
  if (answer.data.length !== size) throw new Error(`ao status shows ${answer.data.length} of ${size} sessions`);
  return [
    {
      id: "status",
      what: `ao status --json, ${size} sessions`,
      unit: "ms",
      figure: median(samples.ao),
      goal: "≤ 2.5 × node -e 0",
      limit: 2.5 * byHand,
      byHand: { what: "node -e 0", figure: byHand },
      samples,
    },
    ...(await statusProcesses(stage, size)),
  ];
};

async function statusProcesses(stage: Stage, size: number) {
  if (!hasStrace()) return [];
  const where = { cwd: stage.box.repo.path, env: stage.env };
  let own: string[] = [];
  const inDaemon = await programsStarted([stage.daemonPid, stage.tmuxPid()], async () => {
    own = programsStartedBy([process.execPath, AO, "status", "--json"], where);
  });
  const started = [...own, ...(inDaemon ?? [])];
  return [
    {
      id: "status-processes",
      what: `programs that ao status starts, ${size} sessions`,
      unit: "processes" as const,
      figure: started.length,
      goal: "0",
      limit: 0,
      notes: started.slice(0, 5),
    },
  ];
}

const WATCHED_S = 40;
const LOOK_S = 5;

/** Daemon and tmux over half a minute without events. By hand: ask tmux and git about each session in turn. */
export const watching: Bench = async ({ isQuick, fleet }) => {
  const { stage, size } = await fleet();
  const seconds = isQuick ? 15 : WATCHED_S;
  const pids = [stage.daemonPid, ...childrenOf(stage.daemonPid), stage.tmuxPid()];
  const before = pids.map(cpuMs);
  await sleep(seconds * 1000);
  const used = pids.map((pid, at) => cpuMs(pid) - (before[at] ?? 0));
  const total = used.reduce((sum, each) => sum + each, 0);
  const started = await programsStarted(pids, () => sleep(seconds * 1000));
  const hand = await lookByHand(stage);
  return [
    {
      id: "watching",
      what: `watching ${size} idle sessions with a pull request each, of one core`,
      unit: "%",
      figure: total / (seconds * 10),
      goal: "≤ 1 % of one core",
      limit: 1,
      byHand: { what: `list-panes and rev-parse for each, every ${LOOK_S} s`, figure: hand / (LOOK_S * 10) },
      notes: [
        `over ${seconds} s: daemon ${used[0]?.toFixed(0)} ms, its children and tmux ${(total - (used[0] ?? 0)).toFixed(0)} ms of CPU`,
      ],
    },
    ...(started === null
      ? []
      : [
          {
            id: "watching-processes",
            what: `programs started in ${seconds} s of watching ${size} sessions`,
            unit: "processes" as const,
            figure: started.length,
            goal: "0 per session",
            limit: 0,
            notes: started.slice(0, 5),
          },
        ]),
  ];
};

/** CPU time, in ms, of asking about each session once. */
async function lookByHand(stage: Stage): Promise<number> {
  const sessions = await stage.box.get("status", {});
  const before = process.resourceUsage();
  const childrenBefore = reapedCpuMs(process.pid);
  for (const { workspacePath } of sessions) {
    stage.box.tmux("list-panes", "-a", "-F", "#{pane_dead} #{window_activity}");
    if (workspacePath !== null) execFileSync("git", ["rev-parse", "HEAD"], { cwd: workspacePath, env: stage.env });
  }
  const after = process.resourceUsage();
  const own = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1000;
  return own + reapedCpuMs(process.pid) - childrenBefore;
}

/** The daemon's memory when idle and after many facts. */
export const memory: Bench = async ({ isQuick, fleet, say }) => {
  const { stage, size } = await fleet();
  const pid = stage.daemonPid;
  await sleep(isQuick ? 5_000 : 30_000); // Garbage from starting all of them is collected while nothing happens.
  const atRest = rssMb(pid);
  const count = isQuick ? 2_000 : 10_000;
  const curve: number[] = [];
  const took = await timed(() => tellFacts(stage, { count, onPart: () => curve.push(rssMb(pid)) }));
  await sleep(5_000);
  const after = rssMb(pid);
  say(
    `${count} facts in ${(took / 1000).toFixed(1)} s; after each tenth: ${curve.map((mb) => mb.toFixed(0)).join(" ")} MB`,
  );
  const growth = (curve.at(-1) ?? 0) - (curve[Math.floor(curve.length / 2)] ?? 0);
  return [
    {
      id: "memory",
      what: `the daemon's memory, ${size} sessions`,
      unit: "MB",
      figure: atRest,
      goal: "≤ 150 MB",
      limit: 150,
      notes: [
        `tmux and its client: ${[stage.tmuxPid(), ...childrenOf(pid)].map((each) => rssMb(each).toFixed(0)).join(" + ")} MB`,
      ],
    },
    {
      id: "memory-after",
      what: `the daemon's memory after ${count} facts`,
      unit: "MB",
      figure: after,
      goal: "≤ 150 MB, flat",
      limit: 150,
      notes: [`the second half of the facts added ${growth.toFixed(1)} MB`],
    },
  ];
};

/** Reports of all sessions in turn, a few at a time. */
async function tellFacts(stage: Stage, { count, onPart }: { count: number; onPart(): void }): Promise<void> {
  const sessions = (await stage.box.get("status", {})).map(({ id }) => id);
  let next = 0;
  const one = async () => {
    while (next < count) {
      const at = next;
      next += 1;
      if (at % (count / 10) === count / 10 - 1) onPart();
      const state = Math.floor(at / sessions.length) % 2 === 0 ? "working" : "waiting";
      await stage.box.get("report", { session: sessions[at % sessions.length] ?? "", state, note: `step ${at}` });
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

/** The daemon's start with many sessions on disk and their agents alive, until its first answer. */
export const restart: Bench = async ({ rounds, fleet }) => {
  const crew = await fleet();
  const { stage, size } = crew;
  const samples = await byTurns(rounds(6), {
    byHand: () => timed(() => readByHand(stage)),
    async ao() {
      await stage.box.get("stop", {});
      await stage.box.died();
      return timed(() => stage.box.start());
    },
  });
  await settled(crew);
  await stage.box.get("stop", {});
  await stage.box.died();
  const cold = await timed(() => stage.ao("status", "--json"));
  return [
    {
      id: "restart",
      what: `start of the daemon with ${size} sessions until its first answer`,
      unit: "ms",
      figure: median(samples.ao),
      goal: "≤ 1 s",
      limit: 1000,
      byHand: { what: "node -e 0, cat of all metadata and tmux list-panes", figure: median(samples.byHand) },
      samples,
      notes: [`ao status --json that starts the daemon itself: ${cold.toFixed(0)} ms`],
    },
  ];
};

async function settled({ stage, size }: Fleet): Promise<void> {
  const rows = await stage.box.get("status", {});
  const dead = rows.filter(({ status }) => status === "killed" || status === "errored");
  if (rows.length !== size || dead.length > 0)
    throw new Error(`${dead.length} of ${size} sessions were lost by a restart`);
}

function readByHand(stage: Stage): void {
  nodeAlone();
  const folder = readdirSync(stage.box.home).find((name) => name.endsWith("-app")) ?? "";
  const dir = join(stage.box.home, folder, "sessions");
  execFileSync(
    "cat",
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(dir, entry.name)] : [])),
  );
  stage.box.tmux("list-panes", "-a");
}
