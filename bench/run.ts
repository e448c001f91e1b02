// `npm run bench [-- --quick] [-- name…]`: measures, prints each figure beside the same work by hand, writes bench/results.
// `npm run bench -- fleet [--minutes 60] [--sizes 60,150] [--kinds busy] [--write-docs]`: what fleets cost, by size.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { busy } from "./figures/busy.ts";
import { memory, restart, status, watching } from "./figures/fleet.ts";
import { fleets } from "./figures/fleets.ts";
import { github } from "./figures/github.ts";
import { inbox } from "./figures/inbox.ts";
import { install } from "./figures/install.ts";
import { longLog } from "./figures/long-log.ts";
import { notices } from "./figures/notices.ts";
import { ciToMessage, exitToNotice, hookToEvent } from "./figures/reactions.ts";
import { send } from "./figures/send.ts";
import { spawnMany, spawnOne } from "./figures/spawn.ts";
import { startUp } from "./figures/start-up.ts";
import { transcripts } from "./figures/transcripts.ts";
import type { Bench, BenchContext } from "./support/context.ts";
import { type Figure, toFigure } from "./support/figure.ts";
import { Fleet } from "./support/fleet.ts";
import { lineOf, table } from "./support/print.ts";

const BENCHES: Record<string, Bench> = {
  version: startUp,
  spawn: spawnOne,
  "spawn-20": spawnMany,
  send,
  exit: exitToNotice,
  hook: hookToEvent,
  ci: ciToMessage,
  install,
  status,
  inbox,
  watching,
  memory,
  restart,
  busy,
  fleet: fleets,
  github,
  notices,
  log: longLog,
  transcripts,
};

const RESULTS = fileURLToPath(new URL("./results", import.meta.url));

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean" },
    minutes: { type: "string" },
    sizes: { type: "string" },
    kinds: { type: "string" },
    "write-docs": { type: "boolean" },
  },
});
const isQuick = flags.quick === true;
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `no such benchmark: ${unknown.join(", ")}\n  hint: one of ${Object.keys(BENCHES).join(", ")}, or --quick`,
  );
  process.exit(64);
}

const made: { fleet: Promise<Fleet> | null } = { fleet: null };
const context: BenchContext = {
  isQuick,
  options: {
    ...(flags.minutes === undefined ? {} : { minutes: Number(flags.minutes) }),
    ...(flags.sizes === undefined ? {} : { sizes: flags.sizes.split(",").map(Number) }),
    ...(flags.kinds === undefined ? {} : { kinds: flags.kinds.split(",") as ("idle" | "busy")[] }),
    isForDocs: flags["write-docs"] === true,
  },
  rounds: (full) => (isQuick ? Math.max(3, Math.round(full / 4)) : full),
  fleet() {
    made.fleet ??= Fleet.start(isQuick ? 40 : 200, context.say);
    return made.fleet;
  },
  say: (line) => console.log(`    ${line}`),
};

async function measure(wanted: string[]): Promise<{ figures: Figure[]; failed: string[] }> {
  const figures: Figure[] = [];
  const failed: string[] = [];
  for (const name of wanted) {
    console.log(`\n${name}`);
    try {
      for (const measured of (await BENCHES[name]?.(context)) ?? []) {
        const figure = toFigure(measured, loadavg()[0] ?? 0);
        figures.push(figure);
        console.log(lineOf(figure));
      }
    } catch (error) {
      failed.push(name);
      console.error(error);
    }
  }
  return { figures, failed };
}

function save(figures: Figure[], failed: string[]): string {
  const at = new Date().toISOString();
  const machine = { node: process.version, kernel: release(), cpu: cpus()[0]?.model ?? "?", cores: cpus().length };
  const file = join(RESULTS, `${at.replaceAll(/[:.]/g, "-")}${isQuick ? "-quick" : ""}.json`);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, isQuick, machine, loadBefore, figures, failed }, null, 2)}\n`);
  return file;
}

const loadBefore = loadavg()[0] ?? 0;
console.log(`load average ${loadBefore.toFixed(1)} on ${cpus().length} cores${isQuick ? "; a quick run" : ""}`);
try {
  const { figures, failed } = await measure(names.length > 0 ? names : Object.keys(BENCHES));
  const file = save(figures, failed);
  console.log(`\n${table(figures)}\n\n${file}`);
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  await (await made.fleet?.catch(() => null))?.close();
}
