import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { inboxOn, settled } from "./support/inbox-screen.ts";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("attaches to the agent's real terminal and comes back, and answers what it asked", { timeout: 90_000 }, async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "ao report needs_input --note 'red or blue?'");
  const screen = inboxOn(box);
  await screen.shows("red or blue?");
  await settled(screen);
  const before = box.agentEvents().length;
  screen.keys("Enter");
  await waitFor(() => box.tmux("list-clients").trim() !== "", { what: "the attached terminal" });
  // Before the agent's screen is drawn, keys are still `ao`'s, which drops them.
  await screen.shows("scripted agent");
  await settled(screen);
  screen.keys("C-b", "d");
  await screen.shows("> app-1");
  expect(box.agentEvents()).toHaveLength(before);
  await settled(screen);
  screen.keys("a");
  await screen.shows("Answer:");
  screen.type("red, please");
  await screen.shows("red, please_");
  screen.keys("Enter");
  await waitFor(() => box.agentEvents().some(({ event, text }) => event === "message" && text === "red, please"), {
    what: "the answer",
  });
  await screen.shows(/Nothing needs you|^> app-1/m);
  screen.keys("q");
  await screen.shows("[ended 0]");
  const digest = await box.ao("digest", "--since", "1h");
  expect(digest.stdout).toMatch(/^Also: 1 start, .*1 question/m);
  for (const line of digest.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
