import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** A caller whose connection broke asks again under the same id, also another daemon. */
async function again<T>(ask: () => Promise<T>): Promise<[T, T]> {
  const first = await ask();
  await box.kill9();
  await box.start();
  return [first, await ask()];
}

it("a review that is asked for again after a lost connection is one review, and the agent hears of it once", async () => {
  box = new Sandbox({ agentArgs: ["--own-file"] });
  await box.start();
  await box.trust();
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  await box.get("wait", { session: "app-1", until: ["review_pending", "ci_failed"], timeoutMs: 30_000 });
  const review = { session: "app-1", state: "changes_requested" as const, body: "please rename it" };
  const [first, second] = await again(() => box.ask("review", review, "wish-review-1"));
  expect([first.ok, second.ok], JSON.stringify(second)).toEqual([true, true]);
  const heard = () => box.agentEvents().filter(({ event, text }) => event === "message" && text?.includes("rename it"));
  await box.get("wait", { session: "app-1", until: ["review_pending", "ci_failed", "working"], timeoutMs: 30_000 });
  const other = { ...review, body: "and this one" };
  expect((await box.ask("review", other, "wish-review-2")).ok).toBe(true);
  const shown = await box.get("show", { session: "app-1" });
  expect(heard().length).toBeLessThanOrEqual(1);
  expect(JSON.stringify(shown).split("please rename it").length - 1).toBeLessThanOrEqual(2);
});

it("a restore that is asked for again after a lost connection is done, and starts nothing twice", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.start();
  await box.trust();
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  expect((await box.ao("kill", "app-1")).status).toBe(0);
  const [first, second] = await again(() => box.ask("restore", { session: "app-1" }, "wish-restore-1"));
  expect([first.ok, second.ok], JSON.stringify(second)).toEqual([true, true]);
  expect(box.agentEvents().filter(({ event }) => event === "start")).toHaveLength(2);
  const third = await box.ask("restore", { session: "app-1" }, "wish-restore-2");
  expect(third).toMatchObject({ ok: false, error: { code: "REFUSED" } });
});
