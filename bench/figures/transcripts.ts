import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import type { Bench } from "../support/context.ts";
import { cpuMs, rssMb } from "../support/proc.ts";
import { transcriptLines } from "../support/transcript-lines.ts";

const COUNT = 50;
const RUN = fileURLToPath(new URL("../../scripts/run-ts.mjs", import.meta.url));
const FOLLOWERS = fileURLToPath(new URL("../agents/followers.ts", import.meta.url));
const MB = 1_000_000;

interface Report {
  facts: Record<string, number>;
  readBytes: number;
}

/** A process that follows transcripts as the daemon does; asked by a line, it answers with one. */
class Followers {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(home: string) {
    this.child = spawn(process.execPath, ["--max-semi-space-size=2", RUN, FOLLOWERS, home, String(COUNT)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error("no pipe");
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
  }

  async next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the followers have ended");
    return JSON.parse(value) as T;
  }

  async report(): Promise<Report> {
    this.child.stdin?.write("\n");
    return await this.next();
  }
}

/** 50 transcripts of 100 MB, each growing by a line every two seconds, then every second: what following them costs the process that does. */
export const transcripts: Bench = async ({ isQuick, rounds, say }) => {
  const home = makeTempDir("ao-bench-transcripts");
  const followers = new Followers(home);
  try {
    const files: { path: string; id: string; cwd: string }[] = [];
    for (;;) {
      const line = await followers.next<{ begun?: true; id: string; workspacePath: string }>();
      if (line.begun) break;
      const folder = join(home, ".claude/projects", line.workspacePath.replace(/[^A-Za-z0-9]/g, "-"));
      mkdirSync(folder, { recursive: true });
      files.push({ path: join(folder, `${line.id}.jsonl`), id: line.id, cwd: line.workspacePath });
    }
    const sizeMb = isQuick ? 10 : 100;
    say(`writing ${files.length} transcripts of ${sizeMb} MB`);
    for (const file of files) fill(file, sizeMb);
    const began = performance.now();
    await followers.report();
    const first = await untilQuiet(followers);
    say(
      `first reading took ${((performance.now() - began) / 1000).toFixed(1)} s, ${(first.readBytes / MB).toFixed(0)} MB, ${JSON.stringify(first.facts)}`,
    );
    const slow = await grow({ followers, files, seconds: rounds(60), everySeconds: 2 });
    const fast = await grow({ followers, files, seconds: rounds(60), everySeconds: 1 });
    return [...figuresOf(slow, sizeMb), ...figuresOf(fast, sizeMb)];
  } finally {
    followers.child.kill("SIGTERM");
    await once(followers.child, "exit");
    removeDir(home);
  }
};

function fill(file: { path: string; id: string; cwd: string }, sizeMb: number): void {
  const block = Buffer.from(transcriptLines(file, { turns: 200, from: 0 }));
  const fd = openSync(file.path, "a");
  for (let written = 0; written < sizeMb * MB; written += block.length) writeSync(fd, block);
  closeSync(fd);
}

/** Until two looks a second apart show the same: the first reading is over. */
async function untilQuiet(followers: Followers): Promise<Report> {
  let before = await followers.report();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const now = await followers.report();
    if (now.readBytes - before.readBytes < MB) return now;
    before = now;
  }
}

interface Growth {
  followers: Followers;
  files: { path: string; id: string; cwd: string }[];
  seconds: number;
  /** Each file gets a line so often. */
  everySeconds: 1 | 2;
}

interface Grown {
  everySeconds: 1 | 2;
  seconds: number;
  cpuPercent: number;
  rss: number;
  readBytes: number;
  appendedBytes: number;
  facts: number;
}

async function grow({ followers, files, seconds, everySeconds }: Growth): Promise<Grown> {
  const pid = followers.child.pid ?? 0;
  const before = await followers.report();
  const cpuBefore = cpuMs(pid);
  const began = performance.now();
  let appendedBytes = 0;
  let rss = 0;
  // Each is at another line of its turn.
  const coming = files.map((file, at) =>
    transcriptLines(file, { turns: seconds, from: everySeconds * 1_000 })
      .split("\n")
      .slice(at % 6),
  );
  for (let second = 0; second < seconds; second += 1) {
    const due = began + (second + 1) * 1_000;
    for (const [at, file] of files.entries()) {
      if (at % everySeconds !== second % everySeconds) continue;
      const fd = openSync(file.path, "a");
      appendedBytes += writeSync(fd, `${coming[at]?.[Math.floor(second / everySeconds)] ?? ""}\n`);
      closeSync(fd);
    }
    rss = Math.max(rss, rssMb(pid));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  const tookMs = performance.now() - began;
  const cpuPercent = ((cpuMs(pid) - cpuBefore) / tookMs) * 100;
  const after = await followers.report();
  const sum = ({ facts }: Report) => Object.values(facts).reduce((all, each) => all + each, 0);
  return {
    ...{ everySeconds, seconds },
    cpuPercent,
    rss,
    readBytes: after.readBytes - before.readBytes,
    appendedBytes,
    facts: sum(after) - sum(before),
  };
}

function figuresOf(grown: Grown, sizeMb: number): Awaited<ReturnType<Bench>> {
  const what = `${COUNT} Claude transcripts of ${sizeMb} MB, a line each ${grown.everySeconds === 1 ? "in a second" : "in two seconds"}`;
  const id = grown.everySeconds === 1 ? "transcripts-fast" : "transcripts";
  const notes = [`${grown.seconds} s, ${(grown.appendedBytes / MB).toFixed(1)} MB appended, ${grown.facts} facts told`];
  const ratio = grown.readBytes / grown.appendedBytes;
  return [
    {
      id: `${id}-cpu`,
      what: `${what}: CPU of one core`,
      unit: "%",
      figure: grown.cpuPercent,
      goal: "≤ 2 %",
      limit: 2,
      notes,
    },
    {
      id: `${id}-rss`,
      what: `${what}: resident memory`,
      unit: "MB",
      figure: grown.rss,
      goal: "≤ 150 MB",
      limit: 150,
    },
    {
      id: `${id}-read`,
      what: `${what}: read, as a share of what was appended`,
      unit: "%",
      figure: ratio * 100,
      goal: "no whole-file reads",
      limit: 500,
      notes: [`${(grown.readBytes / MB).toFixed(1)} MB read`],
    },
  ];
}
