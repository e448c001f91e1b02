import { formatCallback } from "@agent-orchestrator/core/model/callback";
import type { ActionOutcome } from "@agent-orchestrator/core/slots/notifier";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { buttonsOf } from "@agent-orchestrator/testkit/slack/people";
import { fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { asking, whispers } from "./testing/asking.ts";
import { ANN, acting, BOB, EVE, listening, shownText, testDesk } from "./testing/desk.ts";

test("a pressed button acts, is acknowledged at once, and the message says who did what", async () => {
  const { slack, acted, answer, notice } = await asking();
  let finish: (outcome: ActionOutcome) => void = () => undefined;
  answer(() => new Promise((resolve) => (finish = resolve)));
  const ackMs = await slack.person(ANN).press(notice, "No, use a copy");
  expect(ackMs).toBeLessThan(3_000);
  await waitFor(() => acted.length === 1);
  expect(acted[0]).toEqual({
    ...{ id: expect.stringMatching(/^slack:C0AGENTS:\d+\.\d+:n0-1:\d+\.\d+$/), by: "slack:U01ANN (ann)" },
    ...{ endpoint: "answer?session=app-1&dialog=d1&choice=2", sessionId: null, text: null },
    may: ["answer", "approve", "merge", "restore", "send"],
  });
  expect(notice.edits).toBe(0);
  finish({ isDone: true, text: 'app-1: answered "No, use a copy" <!channel>' });
  await waitFor(() => notice.edits === 1);
  expect(buttonsOf(notice)).toEqual([]);
  expect(shownText(notice).small).toContain('<@U01ANN> app-1: answered "No, use a copy"');
  expect(notice.text).not.toContain("<");
  expect(whispers({ slack })).toEqual([]);
});

test("what is refused is said only to who pressed, and the buttons stay", async () => {
  const { slack, acted, answer, notice } = await asking();
  answer(() => ({ isDone: false, text: "app-1 asks something else by now" }));
  await slack.person(ANN).press(notice, "Yes");
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said).toMatchObject({
    user: ANN,
    text: "Nothing was done. app-1 asks something else by now",
    threadTs: notice.threadTs,
  });
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 2);
  expect([notice.edits, buttonsOf(notice).length]).toEqual([0, 4]);
});

test("an act that fails is said, without what ao does not say itself", async () => {
  const { slack, answer, notice } = await asking();
  answer(() => {
    throw new Error("xoxb-1-good-bot-token");
  });
  await slack.person(ANN).press(notice, "Yes");
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said?.text).toBe("Nothing was done. ao failed. See `ao doctor`.");
});

test("a button that is pressed twice, by one or by two, acts once", async () => {
  const { slack, acted, answer, notice } = await asking();
  let finish: (outcome: ActionOutcome) => void = () => undefined;
  answer(() => new Promise((resolve) => (finish = resolve)));
  const again = [ANN, ANN, BOB].map((id) => slack.person(id).pressed(notice, "Yes"));
  const late = slack.person(BOB).pressed(notice, "No, use a copy");
  await Promise.all(again.map((one) => slack.socket.send(one)));
  await waitFor(() => acted.length === 1);
  finish({ isDone: true, text: "answered" });
  await waitFor(() => notice.edits === 1);
  await slack.socket.send(late);
  await waitFor(() => whispers({ slack }).some(({ text }) => text === "Too late: answered"));
  expect(acted).toHaveLength(1);
});

test("of several notices in one message, each has its own turn", async () => {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const { acted } = await listening(desk);
  const notices = [1, 2].map((at) => ({
    ...{ id: `n${at}`, ts: "2026-01-01T00:00:00.000Z", type: "session.needs_input", priority: "urgent" as const },
    ...{ projectId: "app", sessionId: `app-${at}`, message: `app-${at} asks`, data: {} },
    actions: [
      {
        label: `Yes ${at}`,
        callbackEndpoint: formatCallback({ kind: "answer", session: `app-${at}`, dialog: "d", choice: 1 }),
      },
    ],
  }));
  await desk.notifier.notify(sampleEvent({ sessionId: null, data: { notices } }));
  const [list] = slack.messages() as [SlackMessage];
  await Promise.all(["Yes 1", "Yes 2"].map((label) => slack.person(ANN).press(list, label)));
  await waitFor(() => acted.length === 2 && buttonsOf(list).length === 0);
  expect(shownText(list).body).toContain("app-1 asks");
});

test("a press acts after a restart as well, and once it is over, never again", async () => {
  const { slack, notice, stop, ended, restarted, acted } = await asking();
  stop.abort();
  await ended;
  const next = restarted();
  const ears = await listening({ slack, notifier: next });
  const again = slack.person(ANN).pressed(notice, "Yes");
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => ears.acted.length === 1 && notice.edits === 1);
  ears.stop.abort();
  await ears.ended;
  const last = await listening({ slack, notifier: restarted() });
  await slack.socket.send(again);
  await waitFor(() => whispers({ slack }).length === 1);
  expect([acted.length, ears.acted.length, last.acted.length]).toEqual([0, 1, 0]);
});

test("words in a session's thread reach its agent, without Slack's notation", async () => {
  const { slack, acted, answer, root } = await asking();
  answer(() => ({ isDone: true, text: "app-1: sent" }));
  await slack.person(BOB).reply(root, "use &lt;b&gt; &amp; see <https://x.example/a|x.example/a>, <@U01ANN> :tada:");
  await waitFor(() => acted.length === 1);
  expect(acted[0]).toMatchObject({
    ...{ endpoint: null, sessionId: "app-1", by: "slack:U02BOB", may: ["answer", "send"] },
    ...{ id: expect.stringMatching(/^slack:C0AGENTS:\d+\.\d+$/), text: "use <b> & see x.example/a, @U01ANN :tada:" },
  });
  const [said] = await waitFor(() => (whispers({ slack }).length > 0 ? whispers({ slack }) : null));
  expect(said).toMatchObject({ user: BOB, text: "app-1: sent", threadTs: root.ts });
});

test("whoever is not listed is told so once, and may go on talking", async () => {
  const { slack, acted, root, notice } = await asking();
  await slack.person(EVE).reply(root, "delete everything");
  await slack.person(EVE).reply(root, "please");
  await slack.person(EVE).press(notice, "Yes");
  await slack.person(BOB).press(notice, "Merge");
  await waitFor(() => whispers({ slack }).length === 3);
  expect(whispers({ slack }).map(({ user, text }) => [user, text.split(/[.:]/)[0]])).toEqual([
    [EVE, "You may not do that"],
    [EVE, "You may not do that"],
    [BOB, "You may not do that"],
  ]);
  expect([acted.length, notice.edits]).toEqual([0, 0]);
});

test("a link's button is acknowledged, and nothing else", async () => {
  const { slack, acted, notice } = await asking();
  await slack.person(ANN).press(notice, "Docs");
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 1);
  expect(whispers({ slack })).toEqual([]);
});

test("a value that comes back as Slack writes texts is the same value", async () => {
  const { slack, acted, notice } = await asking();
  const press = slack.person(ANN).pressed(notice, "Yes");
  const [first] = press.payload.actions as { value: string }[];
  const escaped = { ...first, value: first?.value.replaceAll("&", "&amp;") };
  await slack.socket.send({ ...press, payload: { ...press.payload, actions: [escaped] } });
  await waitFor(() => acted.length === 1);
  expect(acted[0]?.endpoint).toBe(first?.value);
});

test("notifiers of one app act by their own configs, whichever socket an act arrives at", async () => {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const [second, elsewhere] = [desk.beside({ users: [EVE] }), desk.beside({ channel: "secret" })];
  const ears = [];
  for (const notifier of [desk.notifier, second, elsewhere]) ears.push(await listening({ slack, notifier }));
  await desk.notifier.notify(sampleEvent({ id: "a", sessionId: "app-1" }));
  await second.notify(sampleEvent({ id: "b", sessionId: "app-2" }));
  await elsewhere.notify(sampleEvent({ id: "c", sessionId: "app-3" }));
  const [one, , two] = slack.messages() as [SlackMessage, SlackMessage, SlackMessage];
  const [three] = slack.messages("G0SECRET") as [SlackMessage];
  for (const root of [one, two, three]) for (const who of [ANN, EVE]) await slack.person(who).reply(root, `by ${who}`);
  await waitFor(() => whispers({ slack }).length === 6);
  expect(ears.map(({ acted }) => acted.map(({ sessionId, text }) => [sessionId, text]))).toEqual([
    [["app-1", `by ${ANN}`]],
    [["app-2", `by ${EVE}`]],
    [["app-3", `by ${ANN}`]],
  ]);
});

test("the same envelope again acts once", async () => {
  const { slack, acted, answer, notice, root } = await asking();
  answer(() => ({ isDone: false, text: "no" }));
  const press = slack.person(ANN).pressed(notice, "Yes");
  const reply = slack.person(ANN).replied(root, "go on");
  for (let count = 0; count < 3; count++) {
    await slack.socket.send({ ...press, retry_attempt: count });
    await slack.socket.send({ ...reply, retry_attempt: count, payload: { ...reply.payload, event_id: `Ev${count}` } });
  }
  await slack.person(ANN).press(notice, "Yes");
  await waitFor(() => acted.length === 3);
  expect(new Set(acted.map(({ id }) => id)).size).toBe(3);
});
