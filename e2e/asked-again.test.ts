import { appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultyServer } from "@agent-orchestrator/testkit/faulty-server";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("a question that an agent takes back and asks again is not told again at once, but is new once it was answered", async () => {
  const server = await faultyServer();
  server.on("/hook", (_request, response) => void response.writeHead(204).end());
  box = new Sandbox();
  box.configure({
    top: `plugins: [{ path: ./scripted-asking-agent.mjs }]
notifiers: { hook: { plugin: webhook, url: "${server.origin}/hook", allowPrivate: true } }
notificationRouting: { urgent: [hook], action: [] }
`,
    project: "    agent: scripted\n    scm: local",
    agentConfig: "{}",
    runtime: "process",
  });
  for (const name of ["asking-agent.mjs", "scripted-asking-agent.mjs"])
    copyFileSync(fileURLToPath(new URL(`./support/${name}`, import.meta.url)), join(box.repo.path, name));
  for (const words of [["trust"], ["spawn", "app", "1"], ["spawn", "app", "2"]])
    expect(await box.ao(...words)).toMatchObject({ status: 0 });

  /** How often each question was told. */
  const told = () =>
    ["app-1 asks: Run", "app-2 asks: Go"].map((words) => server.seen.filter(({ body }) => body.includes(words)).length);
  const toldTimes = (...times: number[]) =>
    waitFor(() => told().join() === times.join(), { what: `${times} notices`, timeoutMs: 30_000 }).catch((error) => {
      throw new Error(`${told()}: ${error}`);
    });
  const dialogOf = async (id: string) =>
    (await box.json<{ question: { dialogId: string } | null }>("show", id)).question?.dialogId ?? null;
  const step = async (id: string, words: string) => {
    appendFileSync(`${box.agentLog}.steps`, `${id} ${words}\n`);
    const dialog = words.startsWith("ask ") ? words.split(" ")[1] : null;
    await waitFor(async () => (await dialogOf(id)) === dialog, { what: `${id} ${words}`, timeoutMs: 30_000 });
  };

  await step("app-1", "ask d1 Run the migration?");
  await toldTimes(1, 0);
  await step("app-1", "work");
  await step("app-1", "ask d2 Run the migration?");
  // What comes later is told, in order.
  await step("app-2", "ask d1 Go on?");
  await toldTimes(1, 1);
  expect(await dialogOf("app-1")).toBe("d2");
  expect(await box.ao("answer", "app-1", "1")).toMatchObject({ status: 0 });
  await step("app-1", "work");
  await step("app-1", "ask d3 Run the migration?");
  await toldTimes(2, 1);
});
