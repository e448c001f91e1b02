import { readdirSync, readFileSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { median, timed } from "../support/numbers.ts";
import { cpuMs, reapedCpuMs, rssMb } from "../support/proc.ts";
import { Stage } from "../support/stage.ts";
import { slopeOf } from "./least-squares.ts";

export type Kind = "idle" | "busy";

/** What one fleet cost while it was watched. */
export interface Watched {
  kind: Kind;
  sessions: number;
  seconds: number;
  /** Of one core, in percent: the daemon itself, and the programs that it ran. */
  cpu: number;
  programsCpu: number;
  /** Resident memory of the daemon in MB, at the beginning and at the end, and its growth in MB an hour by least squares. */
  rssStart: number;
  rssEnd: number;
  rssPerHour: number;
  /** Growth of the event log in MB an hour. */
  logPerHour: number;
  /** `ao status --json`, in ms. */
  statusMs: number;
  /** Commits of all agents in a second. */
  commitsPerSecond: number;
  load: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const WARM_UP_S = 20;
const SAMPLE_S = 2;
const STEPS_PER_COMMIT = 5;
const SPAWNED_AT_ONCE = 25;

/** A fleet that grows, so that the same daemon is measured at each size. */
export class GrowingFleet {
  readonly kind: Kind;
  readonly stage: Stage;
  #size = 0;

  constructor(kind: Kind, most: number) {
    this.kind = kind;
    this.stage = new Stage({
      agent: kind,
      agentArgs: [kind === "idle" ? "commit" : String(STEPS_PER_COMMIT)],
      issues: most,
      quietMs: kind === "idle" ? 300 : 10_000,
      project: "    scm: { plugin: local, openPr: turn-end }",
    });
  }

  begin(): Promise<void> {
    return this.stage.begin();
  }

  /** Spawns until there are so many, each with a pull request, and lets them settle. */
  async growTo(size: number): Promise<void> {
    const { box } = this.stage;
    for (; this.#size < size; this.#size = Math.min(size, this.#size + SPAWNED_AT_ONCE)) {
      const last = Math.min(size, this.#size + SPAWNED_AT_ONCE);
      const words = Array.from({ length: last - this.#size }, (_, at) => String(this.#size + at + 1));
      await box.get("spawn", { words: ["app", ...words] });
    }
    await waitFor(() => this.#isReady(), {
      what: `${size} sessions with a pull request each`,
      timeoutMs: 900_000,
      intervalMs: 2_000,
    });
    await sleep(WARM_UP_S * 1000);
  }

  async #isReady(): Promise<boolean> {
    const { box } = this.stage;
    const sessions = await box.get("status", {});
    if (this.kind === "idle") return sessions.every(({ pr, activity }) => pr !== null && activity?.state !== "active");
    for (const { id, pr } of sessions) {
      // Refused before its first commit.
      if (pr === null) await box.get("pr-create", { session: id }).catch(() => undefined);
    }
    return sessions.every(({ pr }) => pr !== null);
  }

  async watch(seconds: number): Promise<Watched> {
    const { stage, kind } = this;
    const pid = stage.daemonPid;
    const begin = performance.now();
    const first = { own: cpuMs(pid), programs: reapedCpuMs(pid), log: logBytes(stage), commits: await this.#commits() };
    const samples: { x: number; y: number }[] = [];
    while (performance.now() - begin < seconds * 1000) {
      samples.push({ x: (performance.now() - begin) / 3_600_000, y: rssMb(pid) });
      await sleep(SAMPLE_S * 1000);
    }
    const last = { own: cpuMs(pid), programs: reapedCpuMs(pid), log: logBytes(stage), commits: await this.#commits() };
    const passedMs = performance.now() - begin;
    const perHour = 3_600_000 / passedMs;
    const status = [];
    for (let round = 0; round < 5; round += 1) status.push(await timed(() => stage.ao("status", "--json")));
    return {
      kind,
      sessions: this.#size,
      seconds: passedMs / 1000,
      cpu: ((last.own - first.own) / passedMs) * 100,
      programsCpu: ((last.programs - first.programs) / passedMs) * 100,
      rssStart: samples[0]?.y ?? Number.NaN,
      rssEnd: samples.at(-1)?.y ?? Number.NaN,
      rssPerHour: slopeOf(samples).slope,
      logPerHour: ((last.log - first.log) * perHour) / 1e6,
      statusMs: median(status),
      commitsPerSecond: (last.commits - first.commits) / (passedMs / 1000),
      load: loadavg()[0] ?? 0,
    };
  }

  /** Each commit of an agent adds a line to its file. */
  async #commits(): Promise<number> {
    const sessions = await this.stage.box.get("status", {});
    const counts = sessions.map(({ id, workspacePath }) => linesIn(join(workspacePath ?? "", `work-${id}.txt`)));
    return counts.reduce((sum, each) => sum + each, 0);
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

function linesIn(file: string): number {
  try {
    return readFileSync(file, "utf8").split("\n").length - 1;
  } catch {
    return 0; // it has not committed yet
  }
}

export function logBytes({ box }: Stage): number {
  const dir = join(box.home, "events");
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}
