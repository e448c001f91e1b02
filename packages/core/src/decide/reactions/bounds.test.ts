import { Adversary, type Move, moves, type Sent } from "@agent-orchestrator/testkit/adversary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_RETRIES } from "../../model/config-reactions.ts";
import { ReactionKey } from "../../model/reaction.ts";
import { GONE_FOR_MS } from "./episode.ts";

const MIN = 60_000;
const RUNS = { numRuns: Number(process.env.AO_PROPERTY_RUNS ?? 40) };

/** No human speaks here, so all that may give a reaction new attempts is time in which its problem stays away. */
const mostSends = (ms: number): number => (DEFAULT_RETRIES + 1) * (1 + Math.floor(ms / GONE_FOR_MS));

const of = (sent: readonly Sent[], key: ReactionKey): Sent[] => sent.filter((each) => each.key === key);

function playAll(all: readonly Move[]): Adversary {
  const adversary = new Adversary();
  for (const move of all) adversary.play(move);
  return adversary;
}

const escalations = ({ run }: Adversary, key: ReactionKey): number =>
  run.events.filter(({ type, data }) => type === "reaction.escalated" && data.reaction === key).length;

describe("whatever the agent and the world do", () => {
  test("no reaction sends more than its attempts, and none twice for one turn or within a minute", () => {
    fc.assert(
      fc.property(moves({ minLength: 20, maxLength: 80 }), (all) => {
        const { sent, ms } = playAll(all);
        for (const key of ReactionKey.options) {
          const own = of(sent, key);
          expect(own.length, `${key} in ${ms} ms`).toBeLessThanOrEqual(mostSends(ms));
          for (const [index, { turns, ms: at }] of own.entries()) {
            if (index === 0) continue;
            const last = own[index - 1];
            expect(turns, `${key}: a turn between two sends`).toBeGreaterThan(last?.turns ?? 0);
            expect(at - (last?.ms ?? 0), `${key}: a minute between two sends`).toBeGreaterThanOrEqual(MIN);
          }
        }
      }),
      RUNS,
    );
  });

  const conflict: Move = { move: "pr", conflicts: true, ci: "passing", bots: 0, asked: 0 };
  const clean: Move = { ...conflict, conflicts: false };
  const red: Move = { ...conflict, conflicts: false, ci: "failing" };
  const begin: Move = { move: "turn", isRunning: true };
  const end: Move = { move: "turn", isRunning: false };
  const times = (count: number, ...some: Move[]): Move[] => Array.from({ length: count }, () => some).flat();

  const commit: Move = { move: "commit" };
  const pass: Move = { move: "wait", ms: 6_000 };
  test.each([
    [
      "solves it and brings it back within its turn",
      "merge-conflicts",
      times(60, pass, begin, clean, commit, conflict, end),
    ],
    [
      "solves it, and the base brings it back at once",
      "merge-conflicts",
      times(60, pass, begin, commit, clean, end, conflict),
    ],
    [
      "fixes one thing and breaks the other",
      "ci-failed",
      times(60, pass, begin, commit, clean, red, end, begin, conflict, end),
    ],
    ["breaks each head in another way", "ci-failed", times(60, pass, red, begin, commit, end)],
  ] as [string, ReactionKey, Move[]][])(
    "an agent that %s is sent three messages, and then you are asked",
    (_, key, all) => {
      const adversary = playAll(all);
      expect(of(adversary.sent, key).length).toBe(3);
      expect(escalations(adversary, key)).toBe(1);
    },
  );

  test("an agent that commits something, and does not solve the conflict, is told of it once, and then you are asked", () => {
    const adversary = playAll(times(240, pass, conflict, begin, commit, end));
    expect(of(adversary.sent, "merge-conflicts").length).toBe(1);
    expect(escalations(adversary, "merge-conflicts")).toBe(1);
  });

  test("an agent that ends whenever it is brought back is brought back three times, and then you are asked", () => {
    const adversary = playAll(times(60, { move: "exit", code: null }, pass));
    expect(adversary.run.did("start")).toHaveLength(1 + 3);
    expect(escalations(adversary, "agent-exited")).toBe(1);
  });
});
