import { AoError } from "@agent-orchestrator/core/model/errors";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, test } from "vitest";
import type { App } from "../app.ts";
import { askPlugin } from "./ask-plugin.ts";

const asking = () => {
  const clock = fakeClock();
  const [hangUp, stop] = [new AbortController(), new AbortController()];
  const app = { world: { clock }, stopping: stop.signal } as unknown as App;
  let given: AbortSignal | undefined;
  const asked = askPlugin({ app, call: { signal: hangUp.signal } }, "the scm", (signal) => {
    given = signal;
    return new Promise<never>(() => undefined); // It obeys nothing.
  }).catch((error: unknown) => error);
  return { clock, hangUp, stop, asked, given: () => given };
};

test.each([
  ["its deadline", ({ clock }: ReturnType<typeof asking>) => clock.pass(60_000), "UNREACHABLE"],
  ["the caller hangs up", ({ hangUp }) => hangUp.abort(new AoError("TRY_AGAIN", "the caller hung up")), "TRY_AGAIN"],
  ["the daemon stops", ({ stop }) => stop.abort(new AoError("TRY_AGAIN", "the daemon is stopping")), "TRY_AGAIN"],
])("a plugin that does not answer is left at %s, and told so", async (_when, give, code) => {
  const world = asking();
  await give(world);
  expect(await world.asked).toMatchObject({ code });
  expect(world.given()?.aborted).toBe(true);
});
