import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import type { Answer } from "./support/ao.ts";
import { daemonsOf, killIfAlive } from "./support/processes.ts";
import { AO, Sandbox } from "./support/sandbox.ts";
import { SmallDisk } from "./support/small-disk.ts";
import { figure } from "./support/tier.ts";

let box: Sandbox;
let disk: SmallDisk | null = null;
afterEach(async () => {
  await ao("stop", "--sessions", "--yes").catch(() => undefined);
  await box.close();
  disk?.close();
});

const ao = async (...args: string[]): Promise<Answer> =>
  (disk as SmallDisk).run([process.execPath, AO, ...args], { cwd: box.repo.path, env: box.env, timeoutMs: 30_000 });

/** Every line of the log and every metadata file is complete. */
function expectWhole(): void {
  const of = disk as SmallDisk;
  let lines = 0;
  for (const [path, text] of of.files("events")) {
    expect(text.endsWith("\n"), `${path} ends with a line`).toBe(true);
    for (const line of text.trimEnd().split("\n")) {
      JSON.parse(line);
      lines++;
    }
  }
  expect(lines).toBeGreaterThan(0);
  const project =
    of
      .files(".")
      .find(([path]) => path.endsWith("/.origin"))?.[0]
      .split("/")[0] ?? "";
  const views = of.files(`${project}/sessions`).filter(([path]) => /sessions\/app-\d+$/.test(path));
  expect(views.length).toBeGreaterThan(0);
  for (const [path, text] of views) expect(text, path).toMatch(/^status=/m);
}

const firstLines = (answer: Answer) => answer.stdout.split("\n").slice(0, 3).join("\n");

it("says that the disk is full, truncates nothing, and continues automatically when there is space", async ({
  skip,
}) => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  const mounted = await SmallDisk.mount(box.home, "40m");
  if (typeof mounted === "string") return skip(mounted);
  disk = mounted;
  expect((await ao("trust")).status).toBe(0);
  const spawned = await ao("spawn", "app", "1");
  expect(spawned.status, spawned.stderr).toBe(0);

  const room = disk;
  await waitFor(() => room.files(".").some(([path]) => /sessions\/app-1$/.test(path)), { what: "the session's file" });

  disk.fill();
  const statuses: (number | null)[] = [];
  for (let n = 0; n < 3; n++) {
    const answer = await ao("set", "app-1", `note=${n}${"x".repeat(5_000)}`);
    statuses.push(answer.status);
    expect(answer.ms, "nobody waits for room").toBeLessThan(5_000);
    disk.fill(); // including the space reserved for this moment
  }
  const status = await ao("status");
  expect(status.status, status.stderr).toBe(0);
  expect(firstLines(status)).toMatch(/disk|room|space/i);
  expect(status.stdout).toContain("app-1");
  const refused = await ao("spawn", "app", "2");
  expect({ status: refused.status, said: refused.stderr }).toMatchObject({ status: 73 });
  expect(refused.stderr).toMatch(/full|room|space/i);
  expect(statuses.at(-1), "a wish that cannot be written down is refused").toBe(73);
  const sent = await ao("send", "app-1", "run true", "--timeout", "2s");
  expect([0, 1, 73, 75], sent.stderr).toContain(sent.status);
  expectWhole();

  for (const { pid } of daemonsOf(box.home)) killIfAlive(pid);
  const cold = await ao("status");
  expect([0, 73, 69], cold.stdout + cold.stderr).toContain(cold.status);
  expect(cold.stdout + cold.stderr).toMatch(/full|room|space/i);
  expectWhole();

  disk.empty();
  const began = performance.now();
  await waitFor(async () => (await ao("set", "app-1", "note=after")).status === 0, { timeoutMs: 15_000 });
  await waitFor(async () => !/full|no room/i.test(firstLines(await ao("status"))), { timeoutMs: 15_000 });
  const again = performance.now() - began;
  const later = await ao("spawn", "app", "2");
  expect(later.status, later.stderr).toBe(0);
  const message = await ao("send", "app-1", "after the full disk");
  expect(message.status, message.stderr).toBe(0);
  await waitFor(() => box.agentEvents().some(({ text }) => text === "after the full disk"), { what: "the message" });
  expect(box.agentEvents().filter(({ text }) => text === "after the full disk")).toHaveLength(1);
  expect(box.agentEvents().filter(({ text }) => text === "run true").length).toBeLessThanOrEqual(1);
  expect(box.agentEvents().filter(({ event, session }) => event === "start" && session === "app-1")).toHaveLength(1);
  expectWhole();
  figure(
    `full disk: set ${statuses.join(" ")}, cold start ${cold.status}; working again after ${Math.round(again)} ms`,
  );
});
