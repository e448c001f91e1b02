import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { ByHand } from "../support/by-hand.ts";
import type { Bench } from "../support/context.ts";
import { EventLog } from "../support/event-log.ts";
import type { Measured } from "../support/figure.ts";
import { median, p95 } from "../support/numbers.ts";
import { nowMs, Stage, smallProject, stamped } from "../support/stage.ts";

const run = promisify(execFile);
const GOAL = { goal: "p95 ≤ 250 ms", limit: 250, unit: "ms" } as const;
const spread = (samples: number[]) =>
  `${samples.length} times, median ${median(samples).toFixed(0)} ms, worst ${Math.max(...samples).toFixed(0)} ms`;

/** From an agent's exit with an error until the notifier is called. By hand: a shell that waits for it. */
export const exitToNotice: Bench = async ({ rounds }) => {
  const stage = new Stage({ agent: "listener" });
  const hand = new ByHand(smallProject(3));
  const samples = { ao: [] as number[], byHand: [] as number[] };
  try {
    await stage.begin();
    for (let round = 0; round < rounds(20); round += 1) {
      samples.byHand.push(await exitByHand(hand));
      samples.ao.push(await exitOfSession(stage));
    }
    return [
      {
        id: "exit-notification",
        what: "an agent's exit → the notification, p95",
        figure: p95(samples.ao),
        ...GOAL,
        byHand: { what: "a shell that waits and then writes", figure: p95(samples.byHand) },
        samples,
        notes: [spread(samples.ao)],
      },
    ];
  } finally {
    hand.close();
    await stage.close();
  }
};

async function exitOfSession(stage: Stage): Promise<number> {
  const [session] = await stage.box.get("spawn", { words: ["app"], prompt: "wait" });
  const id = session?.id ?? "";
  await stage.untilReady(id);
  await stage.box.get("send", { session: id, text: "exit 3" });
  const note = await waitFor(() => stage.notes().find((line) => line.endsWith(` ${id}`)), {
    what: `the notification of ${id}`,
    intervalMs: 5,
  });
  return stamped(note).atMs - exitOf(stage.agentLines(), id);
}

async function exitByHand(hand: ByHand): Promise<number> {
  const before = hand.agentLines().length;
  const name = hand.start("listener.mjs", { afterwards: "date +%s%N" });
  await hand.untilLines(before + 1, "a listener by hand");
  hand.tmux("send-keys", "-t", name, "-l", "exit 3");
  hand.tmux("send-keys", "-t", name, "Enter");
  await hand.untilLines(before + 4, "the word of its shell");
  const lines = hand.agentLines().slice(before);
  return Number(lines.at(-1)) / 1e6 - exitOf(lines, "hand");
}

function exitOf(lines: readonly string[], session: string): number {
  const entry = lines.map(stamped).find((line) => line.session === session && line.word === "exit");
  if (entry === undefined) throw new Error(`${session} did not write down its exit`);
  return entry.atMs;
}

/** From a hook's file in the spool, or its call of `ao report`, until the event is in the log. */
export const hookToEvent: Bench = async ({ rounds }) => {
  const stage = new Stage({ agent: "listener" });
  try {
    await stage.begin();
    const [session] = await stage.box.get("spawn", { words: ["app"], prompt: "wait" });
    const id = session?.id ?? "";
    await stage.untilReady(id);
    const log = new EventLog(stage.box.home);
    const byFile: number[] = [];
    const byCommand: number[] = [];
    for (let round = 0; round < rounds(20); round += 1) {
      byFile.push(await untilEvent(log, () => spool(stage, { session: id, round })));
      await leaveQuestion(stage, id);
      byCommand.push(await untilEvent(log, () => reportAsAgent(stage, id)));
      await leaveQuestion(stage, id);
    }
    return [
      {
        id: "hook-event",
        what: "a hook's file → the event, p95",
        figure: p95(byFile),
        ...GOAL,
        samples: { ao: byFile },
        notes: [spread(byFile)],
      },
      {
        id: "report-event",
        what: "ao report (the whole command, as agents call it) → the event, p95",
        figure: p95(byCommand),
        ...GOAL,
        samples: { ao: byCommand },
        notes: [spread(byCommand)],
      },
    ];
  } finally {
    await stage.close();
  }
};

async function untilEvent(log: EventLog, cause: () => unknown): Promise<number> {
  log.fresh();
  const begin = nowMs();
  const done = Promise.resolve(cause());
  await waitFor(() => log.fresh().some(({ type }) => type === "session.needs_input"), {
    what: "the event",
    intervalMs: 2,
  });
  const took = nowMs() - begin;
  await done;
  return took;
}

function spool(stage: Stage, { session, round }: { session: string; round: number }): void {
  const dir = join(stage.box.home, "daemon/spool");
  mkdirSync(join(dir, "tmp"), { recursive: true });
  const file = join(dir, "tmp", `bench-${round}`);
  writeFileSync(file, `kind=report\nsession=${session}\nstate=needs_input\nproof=${proofOf(stage)}\n`);
  renameSync(file, join(dir, "new", `bench-${round}`));
}

/** What a script of the user's proves itself with. A hook has its session's proof. */
const proofOf = (stage: Stage): string => readFileSync(join(stage.box.home, "daemon/token"), "utf8").trim();

/** The `ao` that is first on an agent's PATH. */
async function reportAsAgent(stage: Stage, session: string): Promise<void> {
  const own = { ...stage.env, AO_SESSION_ID: session, AO_SESSION_PROOF: proofOf(stage) };
  await run(join(stage.box.home, "daemon/bin/ao"), ["report", "needs_input"], { env: own });
}

async function leaveQuestion(stage: Stage, session: string): Promise<void> {
  await stage.box.get("report", { session, state: "waiting" });
  await waitFor(async () => (await stage.box.get("show", { session })).status !== "needs_input", {
    what: "the answer",
  });
}

/** From a CI failure until its agent has the message, and after the last attempt until the user is asked. */
export const ciToMessage: Bench = async ({ rounds }) => {
  const sessions = rounds(5);
  const stage = new Stage({
    agent: "listener",
    agentArgs: ["commit"],
    project: `    scm: { plugin: local, ci: [{ name: test, run: 'ls work-* || exit 0; echo "not ok"; echo "$(date +%s%N) $(git rev-parse HEAD)" >> "$BENCH_CI"; exit 1' }] }
    reactions: { ci-failed: { retries: 0 } } # later messages wait for a minute`,
  });
  try {
    await stage.begin();
    for (let n = 0; n < sessions; n += 1) await stage.box.get("spawn", { words: ["app"], prompt: `task ${n}` });
    await waitFor(() => stage.notes().filter((line) => line.includes("reaction.escalated")).length >= sessions, {
      what: "all sends to be used up",
      timeoutMs: 180_000,
      intervalMs: 200,
    });
    return [ciFigure(stage)];
  } finally {
    await stage.close();
  }
};

function ciFigure(stage: Stage): Measured {
  const redAt = new Map(
    readFileSync(stage.env.BENCH_CI ?? "", "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([ns, sha]) => [sha ?? "", Number(ns) / 1e6]),
  );
  const lines = stage.agentLines().map(stamped);
  const samples: number[] = [];
  for (const id of new Set(lines.map(({ session }) => session))) {
    const own = lines.filter(({ session }) => session === id);
    own.forEach((line, at) => {
      const red = redAt.get(own[at - 1]?.rest ?? "");
      if (line.word === "message" && red !== undefined) samples.push(line.atMs - red);
    });
  }
  return {
    id: "ci-message",
    what: "CI red → the agent has the message, p95",
    figure: p95(samples),
    ...GOAL,
    samples: { ao: samples },
    notes: [spread(samples)],
  };
}
