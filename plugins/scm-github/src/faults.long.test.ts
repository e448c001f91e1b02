import type { PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { ActiveFault, FaultKind, LoggedRequest } from "@agent-orchestrator/testkit/github/github";
import { expect, it } from "vitest";
import { type Watched, type WatchedWorld, watchedWorld } from "./testing/watched.ts";

const MINUTES = 30;
const RETRY_AFTER_S = 20;
/** What was true longer ago than this must not be reported any more. */
const FRESH_MS = 60_000;

const KINDS: readonly (FaultKind | "revoked")[] = [
  "500",
  "502",
  "503",
  "429",
  "secondary-limit",
  "no-answer",
  "reset",
  "html",
  "cut-json",
  "cut-connection",
  "graphql-error",
  "graphql-partial",
  "revoked",
];
const WHICH: readonly ((request: LoggedRequest) => boolean)[] = [
  () => true,
  ({ surface }) => surface === "graphql",
  ({ surface }) => surface === "rest",
  ({ path }) => path.includes("/collaborators/"),
  ({ query }) => query?.includes("reviewThreads") === true,
];

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What was true of one pull request, and when it began. */
interface Truth {
  from: number;
  text: string;
}

interface Model {
  index: number;
  state: "open" | "merged" | "closed";
  head: string;
  ci: "pending" | "passing" | "failing";
  reviews: number;
  finish: ((conclusion: "success" | "failure") => void) | null;
  history: Truth[];
}

const textOf = ({ state, headSha, ci }: Pick<PRSnapshot, "state" | "headSha" | "ci">) => `${state} ${headSha} ${ci}`;
const nowOf = ({ state, head, ci }: Model) => textOf({ state, headSha: head, ci });

const seeds =
  process.env.AO_SEED !== undefined
    ? [Number(process.env.AO_SEED)]
    : Array.from({ length: process.env.AO_TEST_TIER === "nightly" ? 10 : 1 }, () => Math.floor(Math.random() * 1e9));

it.each(seeds)(
  "reports nothing wrong and loses nothing in half an hour of faults (AO_SEED=%i)",
  async (seed) => {
    const random = randomOf(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const world = await watchedWorld({ repos: 1, pulls: 6 });
    const watched = world.repos[0] as Watched;
    const models = await modelsOf(world, watched);
    const weather = createWeather(world);
    const wrong: string[] = [];
    const told = { polls: 0, nulls: 0, faults: 0, changes: 0 };

    async function poll() {
      const begin = world.clock.now();
      const mustAnswer = weather.isFine();
      await world.poll();
      told.polls += 1;
      for (const model of models) {
        const seen = watched.seen[model.index] ?? null;
        if (seen === null) told.nulls += 1;
        if (seen === null && mustAnswer) wrong.push(`${begin}: no answer for ${model.index}, and no fault`);
        if (seen !== null)
          wrong.push(...liesIn(seen, { model, since: begin - FRESH_MS }).map((lie) => `${begin}: ${lie}`));
      }
    }

    await poll();
    const end = world.clock.now() + MINUTES * 60_000;
    while (world.clock.now() < end) {
      if (random() < 0.1) {
        await change(watched, { model: pick(models), random, now: world.clock.now() });
        told.changes += 1;
      }
      if (random() < 0.25) weather.turn(pick(KINDS), pick(WHICH));
      else if (random() < 0.4) weather.clear();
      await poll();
    }
    weather.clear();
    // What an earlier pulse confirmed holds for a minute.
    for (let polls = 0; polls < 13 || !weather.isFine(); polls++) await poll();
    told.faults = weather.count();
    process.stderr.write(`AO_SEED=${seed}: ${JSON.stringify(told)}\n`);
    expect(wrong).toEqual([]);
    const last = watched.seen.map((seen) => seen && { is: textOf(seen), reviews: seen.reviews.length });
    expect(last).toEqual(models.map((model) => ({ is: nowOf(model), reviews: model.reviews })));
  },
  300_000,
);

async function modelsOf({ clock }: WatchedWorld, { shop, prs }: Watched): Promise<Model[]> {
  return prs.map(({ number }, index) => {
    const head = shop.pull(number).pull.headSha;
    const model: Model = { index, state: "open", head, ci: "passing", reviews: 0, finish: null, history: [] };
    model.history.push({ from: clock.now(), text: nowOf(model) });
    return model;
  });
}

/** What a snapshot says that was not so. */
function liesIn(seen: PRSnapshot, { model, since }: { model: Model; since: number }): string[] {
  const held = model.history.filter((_, at) => (model.history[at + 1]?.from ?? Number.POSITIVE_INFINITY) >= since);
  const isTrue = held.some(({ text }) => text === textOf(seen));
  const untrusted = seen.reviews.filter(({ author, isTrusted }) => isTrusted !== (author === "ann"));
  return [
    ...(isTrue
      ? []
      : [`${model.index} is said to be ${textOf(seen)}, but was ${held.map(({ text }) => text).join(" or ")}`]),
    ...untrusted.map(
      ({ author, isTrusted }) => `${author} is said to be ${isTrusted === true ? "trusted" : "a stranger"}`,
    ),
    ...(seen.isCiAbsent === true ? [`${model.index} is said to have no CI`] : []),
  ];
}

/** Which fault there is now, and until when one that asked to wait must be obeyed. */
function createWeather({ github, clock }: WatchedWorld) {
  const tokens = [...github.world.tokens.values()];
  let active: ActiveFault | null = null;
  let kind: FaultKind | "revoked" | null = null;
  let waitUntil = 0;
  let count = 0;
  const weather = {
    isFine: () => kind === null && clock.now() >= waitUntil,
    count: () => count,
    clear() {
      if ((kind === "429" || kind === "secondary-limit") && (active?.hits ?? 0) > 0)
        waitUntil = clock.now() + RETRY_AFTER_S * 1000;
      active?.clear();
      for (const token of tokens) token.isRevoked = false;
      active = kind = null;
    },
    turn(next: FaultKind | "revoked", match: (request: LoggedRequest) => boolean) {
      weather.clear();
      kind = next;
      count += 1;
      if (next === "revoked") for (const token of tokens) token.isRevoked = true;
      else active = github.fault({ kind: next, match, retryAfter: RETRY_AFTER_S });
    },
  };
  return weather;
}

/** Something that happens to a pull request, in the world and in the model. */
async function change(
  { shop, prs }: Watched,
  { model, random, now }: { model: Model; random: () => number; now: number },
): Promise<void> {
  const { number, branch } = prs[model.index] as Watched["prs"][number];
  const what = random();
  if (model.state !== "open") return;
  if (what < 0.4) {
    model.head = await shop.pushCommit(branch, { by: "wes", files: { [`own-${model.index}.txt`]: `${now}\n` } });
    const check = shop.addCheck({ name: "test", sha: model.head, branch, status: "in_progress" });
    model.finish = (conclusion) => shop.updateCheck(check, { status: "completed", conclusion });
    model.ci = "pending";
  } else if (what < 0.6 && model.finish !== null) {
    const isGood = random() < 0.5;
    model.finish(isGood ? "success" : "failure");
    model.finish = null;
    model.ci = isGood ? "passing" : "failing";
  } else if (what < 0.95) {
    const by = random() < 0.5 ? "ann" : "rob";
    await shop.review(number, { by, verdict: "COMMENT", body: `At ${now}.` });
    model.reviews += 1;
  } else if (random() < 0.5) {
    await shop.merge(number, { by: "ann" });
    model.state = "merged";
  } else {
    shop.closeIssue(number, { by: "ann" });
    model.state = "closed";
  }
  if (model.history.at(-1)?.text !== nowOf(model)) model.history.push({ from: now, text: nowOf(model) });
}

/** Every day three of them, others with each run. */
const first = Math.floor(Math.random() * KINDS.length);
const TRIED =
  process.env.AO_TEST_TIER === "nightly" ? KINDS : [0, 4, 8].flatMap((at) => KINDS[(first + at) % KINDS.length] ?? []);

it.each(TRIED)("takes nobody for a stranger when their rights can't be read: %s", async (kind) => {
  const world = await watchedWorld({ repos: 1, pulls: 2 });
  const { shop, prs } = world.repos[0] as Watched;
  const [pr] = prs;
  if (pr === undefined) throw new Error("no pull request");
  const trust = () => world.repos[0]?.seen[0]?.reviews.map(({ isTrusted }) => isTrusted);
  await world.poll();
  await shop.review(pr.number, { by: "ann", verdict: "COMMENT", body: "Hm." });
  const weather = createWeather(world);
  weather.turn(kind, ({ path }) => path.includes("/collaborators/"));
  for (let polls = 0; polls < 40; polls++) {
    await world.poll();
    expect(trust() ?? [], `after ${polls} polls`).not.toContain(false);
  }
  weather.clear();
  while (!weather.isFine()) await world.poll();
  await world.poll();
  expect(trust()).toEqual([true]);
});

it.each(TRIED)("says nothing about checks that it could not read: %s", async (kind) => {
  const world = await watchedWorld({ repos: 1, pulls: 3 });
  const watched = world.repos[0] as Watched;
  const { shop, prs } = watched;
  await world.poll();
  const weather = createWeather(world);
  weather.turn(kind, ({ query }) => query?.includes("statusCheckRollup") === true);
  for (const { branch } of prs) {
    const sha = await shop.pushCommit(branch, { by: "wes", files: { "own.txt": `${branch}\n` } });
    shop.addCheck({ name: "test", sha, branch, status: "in_progress" });
  }
  const heads = prs.map(({ number }) => shop.pull(number).pull.headSha);
  for (let polls = 0; polls < 15; polls++) {
    await world.poll();
    for (const [index, seen] of watched.seen.entries()) {
      if (seen?.headSha === heads[index])
        expect([seen?.state, seen?.ci, seen?.isCiAbsent]).toEqual(["open", "pending", false]);
    }
  }
  weather.clear();
  while (!weather.isFine()) await world.poll();
  await world.poll();
  expect(watched.seen.map((seen) => [seen?.headSha, seen?.ci])).toEqual(heads.map((head) => [head, "pending"]));
});
