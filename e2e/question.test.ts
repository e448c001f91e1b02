import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("says where a question is answered when a message cannot go in because of it", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "ao report needs_input --note 'red or blue?'");
  const sent = await box.ao("send", "app-1", "red", "--timeout", "1s");
  expect(sent).toMatchObject({
    status: 75,
    stderr:
      "ao: not sent: it waits for an answer in its terminal\n  hint: Nothing was written. `ao attach app-1` and type it there.\n",
  });
});
