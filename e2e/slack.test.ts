import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buttonsOf } from "@agent-orchestrator/testkit/slack/people";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

const PLUGIN = fileURLToPath(new URL("./support/asking-agent.mjs", import.meta.url));

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** A session that asks, told in a Slack of our own, where Ann may answer and Bob may not. */
async function asked(): Promise<{ slack: FakeSlack; question: SlackMessage }> {
  const slack = await fakeSlack();
  const { token, appToken } = slack.world;
  box = new Sandbox();
  box.configure({
    top: `plugins: [{ path: ./asking-agent.mjs }]
notifiers:
  team: { plugin: slack, token: ${token}, appToken: ${appToken}, channel: "#agents", users: { U01ANN: [answer] }, apiUrl: "${slack.apiUrl}" }
notificationRouting: { urgent: [team], action: [team] }
`,
    project: "    agent: asking\n    scm: local",
    agentConfig: "{}",
  });
  copyFileSync(PLUGIN, join(box.repo.path, "asking-agent.mjs"));
  expect(await box.ao("trust")).toMatchObject({ status: 0 });
  await box.ao("spawn", "app", "1");
  const question = await waitFor(() => slack.messages().find((one) => labels(one).includes("No, and say why")), {
    what: "the question in Slack",
    timeoutMs: 30_000,
  });
  return { slack, question };
}

const labels = (message: SlackMessage) => buttonsOf(message).map(({ label }) => label);
/** Without what keeps words of strangers from working. */
const textOf = (message: SlackMessage) => JSON.stringify([message.text, message.blocks]).replaceAll("\u2060", "");
const answers = () =>
  existsSync(box.agentLog)
    ? readFileSync(box.agentLog, "utf8")
        .split("\n")
        .filter((line) => line.includes('"choice"'))
        .map((line) => JSON.parse(line) as { session: string; choice: string })
    : [];

it("a question is answered with a button in Slack, once, by who may, and the agent goes on", async () => {
  const { slack, question } = await asked();
  expect(textOf(question)).toContain("May I run `make clean`?");
  const root = slack.messages().find(({ ts }) => ts === question.threadTs);
  expect(root && textOf(root)).toContain("Task 1");

  await slack.person("U02BOB").press(question, "Yes");
  await waitFor(() => slack.world.ephemerals.some(({ user }) => user === "U02BOB"), { what: "Bob's refusal" });
  expect(answers()).toEqual([]);

  const press = () => slack.person("U01ANN").press(question, "No, and say why");
  const [first, second] = await Promise.all([press(), press()]);
  expect(Math.max(first, second)).toBeLessThan(3_000);
  await waitFor(() => answers().length > 0, { what: "the answer" });
  await waitFor(async () => (await box.get("show", { session: "app-1" })).status === "working", { what: "the agent" });
  await waitFor(() => labels(question).length === 0 && /ann/i.test(textOf(question)), { what: "who did it" });
  expect(answers()).toMatchObject([{ session: "app-1", choice: "No, and say why" }]);
  const log = await box.get("notify-log", {});
  expect(log.filter(({ outcome }) => outcome === "acted")).toMatchObject([{ sessions: ["app-1"] }]);
  await waitFor(() => root && textOf(root).includes("working"), { what: "the root's new status" });
});

it("a question that was answered elsewhere loses its buttons, and an old one acts no more", async () => {
  const { slack, question } = await asked();
  const late = slack.person("U01ANN").pressed(question, "Yes");
  expect(await box.ao("answer", "app-1", "2")).toMatchObject({ status: 0 });
  await waitFor(() => labels(question).length === 0, { what: "the buttons to go" });
  expect(textOf(question)).toContain("was answered");
  await slack.socket.send(late);
  await waitFor(
    () => slack.world.ephemerals.length > 0 || slack.messages().some((one) => textOf(one).includes("no open question")),
    {
      what: "the refusal",
    },
  );
  expect(answers()).toHaveLength(1);
});
