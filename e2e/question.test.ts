import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("says at once where to answer the question that a message is held for", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "ao report needs_input --note 'red or blue?'");
  const began = performance.now();
  const sent = await box.ao("send", "app-1", "red");
  expect(sent).toMatchObject({
    status: 75,
    stderr:
      "ao: not sent: the agent asks a question\n  hint: Nothing was written. `ao answer app-1` answers it, `ao show app-1` shows it.\n",
  });
  // Without a timeout it does not wait for an answer.
  expect(performance.now() - began).toBeLessThan(45_000);
  const patient = await box.ao("send", "app-1", "red", "--timeout", "1s");
  expect(patient.status).toBe(75);
  expect(patient.stderr).toMatch(/^ao: held: the agent asks a question\. `ao answer app-1` answers it/);
});

it("treats the answer to a question that was reported as a message that closes it", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "ao report needs_input --note 'red or blue?'");
  const answered = await box.ao("answer", "app-1", "red,", "please");
  expect(answered, answered.stderr).toMatchObject({ status: 0 });
  await waitFor(() => box.agentEvents().some(({ event, text }) => event === "message" && text === "red, please"), {
    what: "the answer",
  });
  expect((await box.json<{ question: unknown }>("show", "app-1")).question).toBeNull();
});
