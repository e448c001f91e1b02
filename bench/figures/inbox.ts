import type { Bench } from "../support/context.ts";
import type { Measured } from "../support/figure.ts";
import type { Fleet } from "../support/fleet.ts";
import { byTurns, median, p95 } from "../support/numbers.ts";
import { aoOnPty } from "../support/pty.ts";

/** What is drawn below the first rows. With it the first picture is complete. */
const FOOT = "q quit";

/** `ao inbox` with many sessions on a real terminal: until its first picture, and from a change to the screen. */
export const inbox: Bench = async ({ rounds, fleet }) => {
  const crew = await fleet();
  return [await firstPaint(crew, rounds(20)), await changeToScreen(crew, rounds(60))];
};

const whereOf = ({ stage }: Fleet) => ({ cwd: stage.box.repo.path, env: stage.env });

async function firstPaint(crew: Fleet, count: number): Promise<Measured> {
  const where = whereOf(crew);
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
    what: `ao inbox, first picture with ${crew.size} sessions`,
    unit: "ms",
    figure: median(samples.ao),
    goal: "≤ 2.5 × ao status",
    limit: 2.5 * byHand,
    byHand: { what: "ao status on the same terminal, until it ends", figure: byHand },
    samples,
  };
}

/** An agent reports a question, and its words appear on the screen. */
async function changeToScreen(crew: Fleet, count: number): Promise<Measured> {
  const { stage, size } = crew;
  const [first] = await stage.box.get("status", {});
  const session = first?.id ?? "";
  const tty = aoOnPty(["inbox"], whereOf(crew));
  const samples: number[] = [];
  try {
    await tty.shows("> app-");
    for (let round = 0; round <= count; round += 1) {
      const shown = tty.shows(`question-${round}?`);
      const begin = performance.now();
      await stage.box.get("report", { session, state: "needs_input", note: `question-${round}?` });
      const took = (await shown) - begin;
      if (round > 0) samples.push(took);
      const gone = tty.shows("need you");
      await stage.box.get("report", { session, state: "working" });
      await gone;
    }
  } finally {
    tty.type("q");
    await tty.ended;
  }
  return {
    id: "inbox-change",
    what: `a question → the screen of ao inbox, ${size} sessions, p95`,
    unit: "ms",
    figure: p95(samples),
    goal: "p95 ≤ 150 ms",
    limit: 150,
    samples: { ao: samples },
    notes: [
      `${samples.length} times, median ${median(samples).toFixed(0)} ms, worst ${Math.max(...samples).toFixed(0)} ms`,
    ],
  };
}
