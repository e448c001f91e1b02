import { systemClock } from "@agent-orchestrator/core/host/clock";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { newId } from "@agent-orchestrator/core/host/ids";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { openStore } from "@agent-orchestrator/core/store/store";
import type { Bench } from "../support/context.ts";
import type { Measured } from "../support/figure.ts";
import { byTurns, median, p95 } from "../support/numbers.ts";
import { aoOnPty } from "../support/pty.ts";
import { Stage } from "../support/stage.ts";

/** Below the first rows. With it the picture is complete. */
const FOOT = "q quit";
const SESSIONS = 200;

/** `ao inbox` with many sessions that need the user, on a real terminal: until its first picture, and from a change to the screen. */
export const inbox: Bench = async ({ rounds }) => {
  const stage = new Stage({ agent: "idle", issues: 1 });
  try {
    await stage.begin();
    await stage.ao("spawn", "app", "1");
    await stage.untilReady("app-1");
    await stage.ao("stop");
    addSessions(stage.box.home);
    const shown = JSON.parse(await stage.ao("status", "--json")) as { data: unknown[] };
    if (shown.data.length !== SESSIONS) throw new Error(`ao status shows ${shown.data.length} of ${SESSIONS} sessions`);
    return [await firstPaint(stage, rounds(20)), await changeToScreen(stage, rounds(60))];
  } finally {
    await stage.close();
  }
};

/** Sessions that need the user because their agents were killed. Written without syncs, while no daemon runs. */
function addSessions(home: string): void {
  const fs = { ...realFs, fsync: () => undefined, fdatasync: () => undefined };
  const store = openStore({ home, clock: systemClock, ids: newId, fs });
  const first = Object.values(store.state.sessions)[0] as SessionRecord;
  const at = new Date().toISOString();
  const reason = "its runtime is gone: no server is running";
  const killed = Array.from({ length: SESSIONS - 1 }, (_, n): SessionRecord => {
    const id = `app-${n + 2}`;
    return {
      ...first,
      ...{ id, branch: `feat/${n + 2}`, workspacePath: null, activity: null },
      launch: { ...first.launch, last: null },
      messages: { ...first.messages, list: [] },
      ...{ phase: "ended", status: "killed", statusSince: at, statusRule: "ended" },
      ending: { status: "killed", by: "world", reason, at },
      attention: { level: "action", reason, hint: `ao restore ${id}`, since: at },
    };
  });
  const sessions = Object.fromEntries(killed.map((record) => [record.id, record]));
  const lastNumber = Object.fromEntries(Object.keys(store.state.lastNumber).map((prefix) => [prefix, SESSIONS]));
  store.commit({
    next: { ...store.state, lastNumber, sessions: { ...store.state.sessions, ...sessions } },
    events: [],
  });
  store.close();
}

const whereOf = (stage: Stage) => ({ cwd: stage.box.repo.path, env: stage.env });

async function firstPaint(stage: Stage, count: number): Promise<Measured> {
  const where = whereOf(stage);
  const samples = await byTurns(count, {
    async byHand() {
      const begin = performance.now();
      return (await aoOnPty(["status"], where).ended) - begin;
    },
    async ao() {
      const begin = performance.now();
      const tty = aoOnPty(["inbox"], where);
      const shown = await Promise.all([tty.shows("> app-"), tty.shows(FOOT)]);
      tty.type("q");
      await tty.ended;
      return Math.max(...shown) - begin;
    },
  });
  const byHand = median(samples.byHand);
  return {
    id: "inbox-first-paint",
    what: `ao inbox, first picture with ${SESSIONS} sessions`,
    unit: "ms",
    figure: median(samples.ao),
    goal: "≤ 2.5 × ao status",
    limit: 2.5 * byHand,
    byHand: { what: "ao status on the same terminal, until it ends", figure: byHand },
    samples,
  };
}

/** An agent reports a question, and its words appear on the screen. */
async function changeToScreen(stage: Stage, count: number): Promise<Measured> {
  const tty = aoOnPty(["inbox"], whereOf(stage));
  const samples: number[] = [];
  const answers: number[] = [];
  try {
    await tty.shows("> app-");
    for (let round = 0; round <= count; round += 1) {
      const shown = tty.shows(`question-${round}?`);
      const begin = performance.now();
      await stage.box.get("report", { session: "app-1", state: "needs_input", note: `question-${round}?` });
      const answered = performance.now() - begin;
      const took = (await shown) - begin;
      if (round > 0) {
        samples.push(took);
        answers.push(answered);
      }
      const gone = tty.shows("need you");
      await stage.box.get("report", { session: "app-1", state: "working" });
      await gone;
    }
  } finally {
    tty.type("q");
    await tty.ended;
  }
  const worst = Math.max(...samples);
  return {
    id: "inbox-change",
    what: `a question → the screen of ao inbox, ${SESSIONS} sessions, p95`,
    unit: "ms",
    figure: p95(samples),
    goal: "p95 ≤ 150 ms",
    limit: 150,
    byHand: { what: "until the report is on disk and answered", figure: p95(answers) },
    samples: { ao: samples, byHand: answers },
    notes: [`${samples.length} times, median ${median(samples).toFixed(0)} ms, worst ${worst.toFixed(0)} ms`],
  };
}
