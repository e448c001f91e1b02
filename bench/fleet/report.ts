import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { slopeOf } from "./least-squares.ts";
import { drawPlot, type Panel } from "./plot.ts";
import type { Kind, Watched } from "./watch.ts";

const PAGE = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));
const PLOT = fileURLToPath(new URL("../../docs/images/fleet.svg", import.meta.url));
const BEGIN = "<!-- written by `npm run bench -- fleet --write-docs` -->";
const END = "<!-- end of fleet -->";

/** The TypeScript system that this one replaces (0.2.5), on a machine like ours, with idle sessions. */
const ORIGINAL = { cpu: { x: 200, y: 15 }, memory: { x: 100, y: 404 }, statusMs: { x: 200, y: 5_400 } };
const COLOURS = { idle: "#2da44e", busy: "#0969da", original: "#cf222e" };

const round = (value: number): string =>
  Number.isNaN(value) ? "—" : value.toFixed(Math.abs(value) >= 10 ? 0 : Math.abs(value) >= 1 ? 1 : 2);

const HEAD = [
  "fleet",
  "sessions",
  "commits/s",
  "daemon, % of a core",
  "its programs",
  "memory, first → last",
  "MB/h",
  "log, MB/h",
  "`ao status`",
  "load",
];

function rowOf(one: Watched): string[] {
  return [
    one.kind,
    String(one.sessions),
    round(one.commitsPerSecond),
    round(one.cpu),
    round(one.programsCpu),
    `${one.rssStart.toFixed(0)} → ${one.rssEnd.toFixed(0)} MB`,
    round(one.rssPerHour),
    round(one.logPerHour),
    Number.isNaN(one.statusMs) ? "—" : `${one.statusMs.toFixed(0)} ms`,
    round(one.load),
  ];
}

const KINDS: readonly Kind[] = ["idle", "busy"];

/** What each further session adds, by least squares over the sizes. */
function slopeRow(kind: Kind, all: readonly Watched[]): string[] {
  const own = all.filter((one) => one.kind === kind);
  const slope = (pick: (one: Watched) => number) =>
    slopeOf(own.map((one) => ({ x: one.sessions, y: pick(one) }))).slope;
  const signed = (value: number, digits: number) =>
    Number.isNaN(value) ? "—" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
  return [
    kind,
    "each more",
    "",
    signed(
      slope(({ cpu }) => cpu),
      3,
    ),
    signed(
      slope(({ programsCpu }) => programsCpu),
      3,
    ),
    `${signed(
      slope(({ rssEnd }) => rssEnd),
      2,
    )} MB`,
    "",
    signed(
      slope(({ logPerHour }) => logPerHour),
      3,
    ),
    signed(
      slope(({ statusMs }) => statusMs),
      2,
    ).replace(/\d$/, "$& ms"),
    "",
  ];
}

const ORIGINAL_ROW = [
  "the original, idle",
  "200 (memory: 100)",
  "",
  "15",
  "201 programs a cycle",
  "404 MB in 4 processes",
  "",
  "",
  "5400 ms",
  "",
];

export function rowsOf(all: readonly Watched[]): string[][] {
  const kinds = KINDS.filter((kind) => all.filter((one) => one.kind === kind).length > 1);
  return [HEAD, ...all.map(rowOf), ...kinds.map((kind) => slopeRow(kind, all)), ORIGINAL_ROW];
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function markdown(all: readonly Watched[]): string {
  const [head = [], ...rows] = rowsOf(all);
  const seconds = Math.round(Math.min(...all.map((one) => one.seconds)));
  const day = new Date().toISOString().slice(0, 10);
  return [
    BEGIN,
    "",
    `Measured on ${day} with Node ${process.versions.node} on ${cpus().length} cores, each fleet for ${seconds} s. A dash in the plot is the goal, a cross the original.`,
    "",
    "![CPU, memory and log of the daemon for idle and busy fleets](images/fleet.svg)",
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    "",
    END,
  ].join("\n");
}

function panelsOf(all: readonly Watched[]): Panel[] {
  const curve = (kind: Kind, pick: (one: Watched) => number) => ({
    name: kind,
    colour: COLOURS[kind],
    isLine: true,
    points: all.filter((one) => one.kind === kind).map((one) => ({ x: one.sessions, y: pick(one) })),
  });
  const both = (pick: (one: Watched) => number) =>
    KINDS.map((kind) => curve(kind, pick)).filter(({ points }) => points.length > 0);
  const original = (point: { x: number; y: number }) => ({
    name: "original",
    colour: COLOURS.original,
    isLine: false,
    points: [point],
  });
  return [
    {
      title: "CPU of the daemon",
      unit: "% of a core",
      curves: [...both(({ cpu }) => cpu), original(ORIGINAL.cpu)],
      goals: [],
    },
    {
      title: "Memory of the daemon",
      unit: "MB",
      curves: [...both(({ rssEnd }) => rssEnd), original(ORIGINAL.memory)],
      goals: [{ y: 150, name: "goal" }],
    },
    {
      title: "Event log",
      unit: "MB an hour",
      curves: both(({ logPerHour }) => logPerHour),
      goals: [{ y: 1, name: "goal for 60" }],
    },
  ];
}

/** Replaces the part of docs/benchmarks.md between the marks, and the plot. */
export function writeDocs(all: readonly Watched[]): void {
  const page = readFileSync(PAGE, "utf8");
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to === -1) throw new Error(`${PAGE} has no place for the fleets: ${BEGIN} … ${END}`);
  writeFileSync(PAGE, `${page.slice(0, from)}${markdown(all)}${page.slice(to + END.length)}`);
  mkdirSync(dirname(PLOT), { recursive: true });
  writeFileSync(PLOT, drawPlot(panelsOf(all), "What a fleet costs: CPU, memory and log of the daemon"));
}
