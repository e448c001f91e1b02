import { rowsOf, writeDocs } from "../fleet/report.ts";
import { GrowingFleet, type Kind, type Watched } from "../fleet/watch.ts";
import type { Bench } from "../support/context.ts";
import type { Measured } from "../support/figure.ts";
import { columns } from "../support/print.ts";

const SIZES = [10, 50, 100, 150, 200];
const WATCHED_S = 60;

/** What idle and busy fleets of several sizes cost. The same daemon is watched while its fleet grows. */
export const fleets: Bench = async ({ isQuick, options, say }) => {
  const sizes = options.sizes ?? (isQuick ? [5, 10] : SIZES);
  const seconds = options.minutes === undefined ? (isQuick ? 20 : WATCHED_S) : options.minutes * 60;
  const all: Watched[] = [];
  for (const kind of options.kinds ?? (["idle", "busy"] as const)) {
    for await (const one of grown(kind, sizes, seconds)) {
      all.push(one);
      say(summaryOf(one));
    }
  }
  console.log(`\n${columns(rowsOf(all))}\n`);
  if (options.isForDocs) writeDocs(all);
  return all.flatMap(figuresOf);
};

async function* grown(kind: Kind, sizes: readonly number[], seconds: number): AsyncGenerator<Watched> {
  const fleet = new GrowingFleet(kind, Math.max(...sizes));
  try {
    await fleet.begin();
    for (const size of sizes) {
      await fleet.growTo(size);
      yield await fleet.watch(seconds);
    }
  } finally {
    await fleet.close();
  }
}

const summaryOf = ({ kind, sessions, cpu, programsCpu, rssStart, rssEnd, logPerHour }: Watched): string =>
  `${sessions} ${kind}: ${cpu.toFixed(1)} % + ${programsCpu.toFixed(1)} %, ${rssStart.toFixed(0)} → ${rssEnd.toFixed(0)} MB, log ${logPerHour.toFixed(2)} MB/h`;

/** The goals are per session: 1 % of a core for 200 idle ones, 6 % for 60 busy ones and 15 % for 150. */
function cpuGoal({ kind, sessions }: Watched): number {
  return Math.max(1, kind === "idle" ? sessions / 200 : sessions / 10);
}

function figuresOf(one: Watched): Measured[] {
  const { kind, sessions } = one;
  const name = `${sessions} ${kind} sessions`;
  const raw = [JSON.stringify(one)];
  return [
    {
      id: `fleet-${kind}-${sessions}-cpu`,
      what: `the daemon beside ${name}, of one core`,
      unit: "%",
      figure: one.cpu,
      goal: `≤ ${cpuGoal(one)} %`,
      limit: cpuGoal(one),
      notes: raw,
    },
    {
      id: `fleet-${kind}-${sessions}-memory`,
      what: `the daemon's memory, ${name}`,
      unit: "MB",
      figure: one.rssEnd,
      goal: "≤ 150 MB",
      limit: 150,
    },
    {
      id: `fleet-${kind}-${sessions}-log`,
      what: `the event log's growth in an hour, ${name}`,
      unit: "MB",
      figure: one.logPerHour,
      goal: "≤ 1 MB for 60",
      limit: Math.max(1, sessions / 60),
    },
  ];
}
