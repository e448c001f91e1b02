import { formatCallback } from "@agent-orchestrator/core/model/callback";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { Envelope } from "@agent-orchestrator/testkit/slack/socket";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { ANN, acting, BOB, EVE, listening, testDesk } from "./testing/desk.ts";

type Part = Record<string, unknown>;

/** The same with other members, deep inside. */
function merged<T>(base: T, change: unknown): T {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return change as T;
  const from = (base ?? {}) as Part;
  const changed = Object.entries(change).map(([key, value]) => [key, merged(from[key], value)]);
  return { ...from, ...Object.fromEntries(changed) } as T;
}

interface Scene {
  slack: FakeSlack;
  root: SlackMessage;
  notice: SlackMessage;
  /** A message of the bot's that this notifier did not send. */
  foreign: SlackMessage;
}

const old = String(Date.now() / 1000 - 3_600);
const early = String(Date.now() / 1000 + 3_600);

const press = ({ slack, notice }: Scene, change: unknown = {}, who = ANN): Envelope =>
  merged(slack.person(who).pressed(notice, "Merge"), { payload: change });

/** The first of its actions is another. */
function altered(scene: Scene, change: Part): Envelope {
  const envelope = press(scene);
  const [first] = envelope.payload.actions as [Part];
  return merged(envelope, { payload: { actions: [{ ...first, ...change }] } });
}

const reply = ({ slack, root }: Scene, event: unknown = {}, who = ANN): Envelope =>
  merged(slack.person(who).replied(root, "do it"), { payload: { event } });

const at = (ts: string, channel = "C0AGENTS") => ({
  container: { message_ts: ts, channel_id: channel },
  channel: { id: channel },
});
const mergeOf = (session: string, head = "abc") => formatCallback({ kind: "merge", session, head });

const FORGED: readonly [string, (scene: Scene) => Envelope][] = [
  ["an unknown user presses", (scene) => press(scene, {}, EVE)],
  ["a listed user without the right presses", (scene) => press(scene, {}, BOB)],
  ["a user whose id only begins like a listed one", (scene) => press(scene, { user: { id: `${ANN}X` } })],
  ["a user with an id in lower case", (scene) => press(scene, { user: { id: ANN.toLowerCase() } })],
  ["a user with the name of a listed one", (scene) => press(scene, { user: { name: ANN } }, EVE)],
  ["no user at all", (scene) => press(scene, { user: null })],
  ["a user of another team, in a shared channel", (scene) => press(scene, { user: { team_id: "T0EVIL" } })],
  ["another team", (scene) => press(scene, { team: { id: "T0EVIL" } })],
  ["no team", (scene) => press(scene, { team: null })],
  ["another channel", (scene) => press(scene, { channel: { id: "C0OTHER" } })],
  ["a message in another channel", (scene) => press(scene, { container: { channel_id: "C0OTHER" } })],
  ["a message with the same id in another channel", (scene) => press(scene, at(scene.notice.ts, "C0OTHER"))],
  ["a message of the bot's that is not ours", (scene) => press(scene, at(scene.foreign.ts))],
  ["a message that isn't there", (scene) => press(scene, at("1.000001"))],
  ["the first message of the thread, which has no buttons", (scene) => press(scene, at(scene.root.ts))],
  ["a message of another bot", (scene) => press(scene, { message: { user: "U0EVILBOT", bot_id: "B0EVIL" } })],
  ["a message that only one person sees", (scene) => press(scene, { container: { is_ephemeral: true } })],
  ["a view instead of a message", (scene) => press(scene, { container: { type: "view" } })],
  ["another kind of payload", (scene) => press(scene, { type: "view_submission" })],
  ["a shortcut", (scene) => press(scene, { type: "message_action", callback_id: mergeOf("app-1") })],
  ["no actions", (scene) => press(scene, { actions: [] })],
  [
    "two actions at once",
    (scene) =>
      press(scene, {
        actions: [...(press(scene).payload.actions as Part[]), ...(press(scene).payload.actions as Part[])],
      }),
  ],
  ["a value of another session", (scene) => altered(scene, { value: mergeOf("app-2") })],
  ["a value of another commit", (scene) => altered(scene, { value: mergeOf("app-1", "def") })],
  [
    "a value of another kind",
    (scene) => altered(scene, { value: formatCallback({ kind: "restore", session: "app-1", launch: 1 }) }),
  ],
  ["a value with something appended", (scene) => altered(scene, { value: `${mergeOf("app-1")}&yes=1` })],
  ["the value of another button", (scene) => altered(scene, { action_id: "n0-0" })],
  ["no value", (scene) => altered(scene, { value: undefined })],
  ["another block", (scene) => altered(scene, { block_id: "evil" })],
  [
    "a select instead of a button",
    (scene) => altered(scene, { type: "static_select", selected_option: { value: mergeOf("app-1") } }),
  ],
  ["a press of an hour ago", (scene) => altered(scene, { action_ts: old })],
  ["a press of the future", (scene) => altered(scene, { action_ts: early })],
  ["a press without a time", (scene) => altered(scene, { action_ts: "now" })],
  ["a press as a slash command", (scene) => ({ ...press(scene), type: "slash_commands" })],
  [
    "a press wrapped as an event",
    (scene) => ({
      ...press(scene),
      type: "events_api",
      payload: { type: "event_callback", event: { ...press(scene).payload } },
    }),
  ],
  ["words of an unknown user", (scene) => reply(scene, {}, EVE)],
  ["words of a bot", (scene) => reply(scene, { bot_id: "B0EVIL" })],
  [
    "words of a bot with a user's name",
    (scene) => reply(scene, { subtype: "bot_message", bot_id: "B0EVIL", username: "ann" }),
  ],
  ["words of the app itself", (scene) => reply(scene, { user: scene.slack.world.botUser })],
  ["words of another workflow in the name of a user", (scene) => reply(scene, { bot_profile: { id: "B0EVIL" } })],
  ["an edited message", (scene) => reply(scene, { edited: { user: ANN, ts: "1.0" } })],
  [
    "the report of an edit",
    (scene) => reply(scene, { subtype: "message_changed", message: { user: ANN, text: "do it" } }),
  ],
  [
    "the report of a deletion",
    (scene) => reply(scene, { subtype: "message_deleted", previous_message: { user: ANN } }),
  ],
  ["words outside of any thread", (scene) => reply(scene, { thread_ts: undefined })],
  ["words in a thread that is not ours", (scene) => reply(scene, { thread_ts: scene.foreign.ts })],
  ["words in another channel", (scene) => reply(scene, { channel: "C0OTHER" })],
  ["words in a direct message", (scene) => reply(scene, { channel: "D0ANN", channel_type: "im" })],
  ["words of another team", (scene) => merged(reply(scene), { payload: { team_id: "T0EVIL" } })],
  ["words of a guest from another team", (scene) => reply(scene, { user_team: "T0EVIL", source_team: "T0EVIL" })],
  ["words of an hour ago", (scene) => reply(scene, { ts: old })],
  ["words with a file", (scene) => reply(scene, { subtype: "file_share", files: [{ id: "F1" }] })],
  ["no words", (scene) => reply(scene, { text: "  " })],
  ["words that are no text", (scene) => reply(scene, { text: { evil: true } })],
  ["a reaction", (scene) => reply(scene, { type: "reaction_added", item: { ts: scene.notice.ts } })],
  ["an empty payload", () => ({ type: "interactive", payload: {} })],
  ["a payload that is a text", () => ({ type: "interactive", payload: "merge" as unknown as Part })],
];

test(`of ${FORGED.length} forged, late or foreign actions, none acts, each is acknowledged, and real ones still do`, async () => {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const { acted } = await listening(desk);
  const other = await testDesk({ channel: "#agents" }, { slack });
  await other.notifier.notify(sampleEvent({ id: "foreign", sessionId: null }));
  const [foreign] = slack.messages() as [SlackMessage];
  const actions = [
    { label: "Approve", callbackEndpoint: formatCallback({ kind: "approve", session: "app-1", head: "abc" }) },
    { label: "Merge", callbackEndpoint: mergeOf("app-1") },
  ];
  await desk.notifier.notifyWithActions?.(sampleEvent({ type: "merge.ready" }), actions);
  const [, root, notice] = slack.messages() as [SlackMessage, SlackMessage, SlackMessage];
  const scene = { slack, root, notice, foreign };
  for (const [what, forge] of FORGED) {
    const ackMs = await slack.socket.send(forge(scene));
    expect(ackMs, what).toBeLessThan(3_000);
    expect(acted, what).toEqual([]);
  }
  // Whatever was forged is worked off before this one.
  await slack.person(ANN).press(notice, "Merge");
  await waitFor(() => acted.length > 0);
  expect(acted.map(({ endpoint, by }) => [endpoint, by])).toEqual([
    [mergeOf("app-1"), "slack:U01ANN (u01ann)".replace("u01ann", "ann")],
  ]);
  console.log(JSON.stringify({ figure: "forged, late or foreign actions", sent: FORGED.length, acted: 0 }));
}, 60_000);

test("what was true once is refused later: over, withdrawn, replayed after a restart", async () => {
  const slack = await fakeSlack();
  const desk = await testDesk(acting(slack), { slack });
  const ears = await listening(desk);
  await desk.notifier.notifyWithActions?.(sampleEvent({ id: "one" }), [
    { label: "Merge", callbackEndpoint: mergeOf("app-1") },
  ]);
  const notice = slack.messages().at(-1) as SlackMessage;
  const early = slack.person(ANN).pressed(notice, "Merge");
  const later = slack.person(ANN).pressed(notice, "Merge");
  await desk.notifier.withdraw?.([{ id: "one", sessionId: "app-1", text: "app-1 was merged by hand" }]);
  await slack.socket.send(early);
  await waitFor(() => slack.world.ephemerals.length === 1);
  expect(slack.world.ephemerals[0]?.text).toBe("Too late: app-1 was merged by hand");
  ears.stop.abort();
  await ears.ended;
  const next = await listening({ slack, notifier: desk.restarted() });
  await slack.socket.send(early);
  await slack.socket.send(later);
  await waitFor(() => slack.world.ephemerals.length === 3);
  expect([ears.acted.length, next.acted.length]).toEqual([0, 0]);
});
