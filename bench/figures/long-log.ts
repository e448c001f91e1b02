import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { putAway, STAYS_MS } from "@agent-orchestrator/core/decide/put-away";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { newId } from "@agent-orchestrator/core/host/ids";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { runLogJob } from "@agent-orchestrator/core/store/log-jobs";
import { openStore, type Store } from "@agent-orchestrator/core/store/store";
import type { Bench } from "../support/context.ts";
import type { Measured } from "../support/figure.ts";
import { median, timed } from "../support/numbers.ts";
import { rssMb } from "../support/proc.ts";
import { Stage } from "../support/stage.ts";

const SESSIONS = 60;
/** Changed by one commit, with one public event among them. */
const TOGETHER = 20;

/** A home with a long history: what a start, reading the log and listing archived sessions take. */
export const longLog: Bench = async ({ isQuick, rounds, say }) => {
  const [lines, archived] = isQuick ? [100_000, 500] : [1_000_000, 5_000];
  const stage = new Stage({ agent: "idle", issues: 1 });
  try {
    await stage.begin();
    await stage.ao("spawn", "app", "1");
    await stage.ao("stop", "--sessions", "--yes");
    const { plainMb, packedMb, packMs } = fill(stage.box.home, { lines, archived });
    say(
      `${lines} lines: ${plainMb.toFixed(0)} MB plain, ${packedMb.toFixed(0)} MB packed in ${(packMs / 1000).toFixed(0)} s`,
    );
    const figures: Measured[] = [
      {
        id: "log-size",
        what: `the log of ${lines} lines, packed (plain: ${plainMb.toFixed(0)} MB)`,
        unit: "MB",
        figure: packedMb,
        goal: "a year of 60 busy sessions ≤ 1 GB",
      },
    ];
    const startMs = await timed(() => stage.ao("status"));
    const time = async (...words: string[]) => {
      const samples: number[] = [];
      for (let round = 0; round < rounds(8); round++) samples.push(await timed(() => stage.ao(...words)));
      return median(samples);
    };
    figures.push(
      inMs("log-start", 2000, {
        what: `start with ${lines} lines and ${archived} archived sessions, to the first answer`,
        figure: startMs,
      }),
      {
        ...{ id: "log-memory", what: "the daemon's memory then", unit: "MB", figure: rssMb(stage.daemonPid) },
        ...{ goal: "≤ 150 MB", limit: 150 },
      },
      inMs("log-events", 300, { what: "`ao events app-5`", figure: await time("events", "app-5") }),
      inMs("log-status-all", 500, {
        what: `\`ao status --all\`, ${archived} archived sessions`,
        figure: await time("status", "--all"),
      }),
    );
    for (const words of LONG) {
      const { longest, tookMs } = await delayed(stage, words);
      say(`ao ${words.join(" ")}: ${Math.round(tookMs)} ms`);
      const what = `the longest that another request waits beside \`ao ${words.join(" ")}\``;
      figures.push(inMs(`log-delay-${words[0]}`, 50, { what, figure: longest }));
    }
    return figures;
  } finally {
    await stage.close();
  }
};

/** What reads much. */
const LONG = [
  ["events", "app-5", "--all", "--limit", "100000"],
  ["events", "--limit", "5000"],
  ["doctor"],
  ["status", "--all", "--json"],
];

const inMs = (id: string, limit: number, measured: Pick<Measured, "what" | "figure">): Measured => ({
  ...{ id, unit: "ms", limit, goal: `≤ ${limit} ms` },
  ...measured,
});

/** The longest answer to a ping, one after the other, while a command runs. */
async function delayed(stage: Stage, words: string[]): Promise<{ longest: number; tookMs: number }> {
  let isRunning = true;
  let longest = 0;
  const from = performance.now();
  const command = stage.ao(...words).finally(() => {
    isRunning = false;
  });
  while (isRunning) longest = Math.max(longest, await timed(() => stage.box.ask("ping", {})));
  await command;
  return { longest, tookMs: performance.now() - from };
}

/** As a daemon leaves it that ran for long. Written without syncs. */
function fill(home: string, { lines, archived }: { lines: number; archived: number }) {
  const fs = { ...realFs, fsync: () => undefined, fdatasync: () => undefined };
  const store = openStore({ home, clock: systemClock, ids: newId, fs });
  const first = Object.values(store.state.sessions)[0] as SessionRecord;
  addSessions(store, first, archived);
  for (let round = 1; store.state.seq < lines; round++) work(store, round);
  const size = () =>
    readdirSync(store.layout.events).reduce((sum, name) => sum + statSync(join(store.layout.events, name)).size, 0);
  const plainMb = size() / 1e6;
  const from = performance.now();
  runLogJob(store.logSource, { name: "pack", wanted: null }, fs);
  const packMs = performance.now() - from;
  store.close();
  return { plainMb, packedMb: size() / 1e6, packMs };
}

function addSessions(store: Store, first: SessionRecord, archived: number): void {
  const ended = Array.from({ length: SESSIONS }, (_, at) => ({ ...first, id: `app-${at + 2}` }));
  const archivedAt = new Date(Date.now() - STAYS_MS * 10).toISOString();
  const old = Array.from({ length: archived }, (_, at) => ({
    ...first,
    ...{
      id: `app-${at + 1000}`,
      isArchived: true,
      phase: "archived" as const,
      workspacePath: null,
      archivedAt,
      attention: null,
    },
  }));
  const sessions = Object.fromEntries([...ended, ...old].map((record) => [record.id, record]));
  const lastNumber = { app: archived + 1000 };
  store.commit({
    next: { ...store.state, lastNumber, sessions: { ...store.state.sessions, ...sessions } },
    events: [],
  });
  const round = { nowMs: Date.now(), most: archived, isInUse: () => false };
  store.commit({ next: putAway(store.state, round), events: [] });
}

/** What a commit of an agent and a look at its pull request change, for some sessions at once. */
function work(store: Store, round: number): void {
  const ids = Array.from({ length: TOGETHER }, (_, at) => `app-${2 + ((round * TOGETHER + at) % SESSIONS)}`);
  const sessions = { ...store.state.sessions };
  const at = new Date(Date.now() + round * 1000).toISOString();
  for (const id of ids) {
    const record = sessions[id] as SessionRecord;
    const summary = `step ${round} of ${id}: ${randomBytes(20).toString("hex")} is done, and the next part of the task comes now`;
    sessions[id] = { ...record, lastActivityAt: at, progressAt: at, turnEndedAt: at, turns: record.turns + 1, summary };
  }
  const [sessionId = ""] = ids;
  const draft = {
    type: "session.working",
    message: `${sessionId} works: step ${round}`,
    data: { round, from: "ready" },
  } as const;
  store.commit({ next: { ...store.state, sessions }, events: [{ draft, sessionId, projectId: "app" }] });
}
