import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { handlers } from "../packages/daemon/src/handlers.ts";
import type { Change } from "../packages/daemon/src/requests.ts";
import { type Case, noticesOf } from "./support/change-case.ts";
import { CASES } from "./support/every-change.ts";
import { Sandbox } from "./support/sandbox.ts";
import { figure, isNightly, someOf } from "./support/tier.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** See packages/core/src/host/failpoint.ts. */
const order = () => join(box.dir, "failpoint");
const passedFile = () => `${order()}.passed`;

async function start(): Promise<void> {
  rmSync(passedFile(), { force: true });
  writeFileSync(order(), "");
  await box.start({ AO_FAILPOINT_FILE: order() });
}

function passed(): string[] {
  try {
    return readFileSync(passedFile(), "utf8").trim().split("\n");
  } catch {
    return []; // none
  }
}

async function untilSettled(): Promise<void> {
  await waitFor(
    async () => {
      const live = (await box.get("status", { all: true })).filter(({ isArchived }) => !isArchived);
      const explained = await Promise.all(live.map(({ id }) => box.get("explain", { session: id })));
      return explained.every(({ pending }) => pending.length === 0);
    },
    { timeoutMs: 20_000, what: "no effect in progress" },
  );
}

interface Round {
  name: Change;
  round: number;
  /** The daemon is killed at the place of this name or number, from 1. After the answer if the request does not get there. */
  at: string;
}

/** Kills the daemon in the middle of a request, asks again under the same id, and counts. Returns where it was killed. */
async function killAndAskAgain({ name, round, at }: Round): Promise<string> {
  const { prepare, params, times, undo, says, isUntraceable, endsDaemon } = CASES[name] as Case<Change>;
  const subject = await prepare(box, round);
  const wanted = params(subject, box);
  const id = `wish-${name}-${round}`;
  writeFileSync(order(), at);
  const first = await box.ask(name, wanted, id);
  const where = first.ok || first.error !== null ? "after the answer" : (passed().at(-1) ?? "?");
  const what = `${name}, killed at ${at} (${where})`;
  if (!first.ok) expect(first.error, what).toBeNull();
  if (first.ok && !endsDaemon) await box.kill9();
  else await box.died();
  await start();
  const isUndone = undo !== undefined && (await times(box, subject)) > 0;
  if (isUndone) await undo(box, subject);
  const again = await box.ask(name, wanted, id);
  const isUnknown = isUntraceable === true && !again.ok && again.error?.code === "UNCONFIRMED";
  if (!isUnknown) {
    expect(again, what).toMatchObject({ ok: true });
    if (again.ok && says !== undefined)
      expect(says(again.data, subject), `${what}: ${JSON.stringify(again.data)}`).toBe(1);
  }
  if (endsDaemon) {
    await box.died();
    await start();
  }
  await untilSettled();
  const found = await times(box, subject);
  if (isUndone) expect(found, `${what}: taken back, then asked for again`).not.toBe(1);
  else if (isUntraceable) expect(found, what).toBeLessThanOrEqual(1);
  else await waitFor(async () => (await times(box, subject)) === 1, { what: `${what}: once` });
  const live = (await box.get("status", {})).map((view) => view.id);
  if (live.length > 0) await box.get("kill", { sessions: live });
  return where;
}

/** One round that only records the places that the request passes. */
async function placesOf(name: Change): Promise<number> {
  const { prepare, params, endsDaemon } = CASES[name] as Case<Change>;
  const subject = await prepare(box, 0);
  writeFileSync(order(), "1000000");
  expect(await box.ask(name, params(subject, box), `wish-${name}-0`), name).toMatchObject({ ok: true });
  const places = passed().length;
  if (endsDaemon) await box.died();
  else await box.kill9();
  await start();
  return places;
}

const NAMES = Object.keys(CASES) as Change[];

it("knows every request that changes something", () => {
  box = new Sandbox();
  const changes = Object.entries(handlers).filter(([, { effect }]) => effect === "change");
  expect(changes.map(([name]) => name).sort()).toEqual([...NAMES].sort());
});

describe("a request that was asked for again, after the daemon was killed in the middle of it", () => {
  it.each(someOf(NAMES))(
    "%s is carried out once, and answered truly",
    async (name) => {
      const { options = {} } = CASES[name];
      box = new Sandbox(options);
      if (options.top?.includes("NOTICES")) {
        box.configure({ ...options, top: options.top.replace("NOTICES", noticesOf(box)) });
      }
      await start();
      await box.trust();
      const count = isNightly ? await placesOf(name) : 0;
      // Each day only where the most is done already and nothing is answered yet.
      const chosen = isNightly ? Array.from({ length: count + 1 }, (_, at) => `${at + 1}`) : ["request.done"];
      const where: string[] = [];
      for (const [index, at] of chosen.entries()) {
        where.push(await killAndAskAgain({ name, round: index + 1, at }));
      }
      figure(`${name}: killed ${chosen.length} times, once each: ${where.join(", ")}`);
    },
    600_000,
  );
});
