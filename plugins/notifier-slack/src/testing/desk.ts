import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { ActionOutcome, ChannelAction, Notifier } from "@agent-orchestrator/core/slots/notifier";
import { withoutJoiners } from "@agent-orchestrator/testkit/hostile-texts";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { type FakeSlack, fakeSlack } from "@agent-orchestrator/testkit/slack/server";
import type { SlackMessage } from "@agent-orchestrator/testkit/slack/world";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { onTestFinished } from "vitest";
import { create } from "../index.ts";

export const ANN = "U01ANN";
export const BOB = "U02BOB";
export const EVE = "U0EVE";

export interface TestDesk {
  slack: FakeSlack;
  context: PluginContext;
  notifier: Notifier;
  /** What was logged. */
  lines: string[];
  /** The same channel after a restart. */
  restarted(options?: Record<string, unknown>): Notifier;
}

export interface DeskWorld {
  slack?: FakeSlack;
  context?: Partial<PluginContext>;
}

/** A notifier whose Slack is our own small one on loopback. */
export async function testDesk(options: Record<string, unknown> = {}, world: DeskWorld = {}): Promise<TestDesk> {
  const slack =
    world.slack ?? (await fakeSlack(world.context?.clock === undefined ? {} : { now: world.context.clock.now }));
  const lines: string[] = [];
  const write = (text: string, fields?: object) => void lines.push(`${text} ${JSON.stringify(fields ?? {})}`);
  const context = pluginContext({ log: { debug: write, warn: write }, seal: testSeal, ...world.context });
  const base = { token: slack.world.token, channel: "#agents", apiUrl: slack.apiUrl };
  const make = (more: Record<string, unknown> = {}) => create({ ...base, ...options, ...more }, context);
  return { slack, context, lines, notifier: make(), restarted: make };
}

const testSeal = (text: string): string =>
  `${text.length}-${[...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1e9, 7)}`;

/** The app's token, and Ann, who may do everything, and Bob, who may do the usual. */
export const acting = (slack: FakeSlack) => ({
  appToken: slack.world.appToken,
  users: { [ANN]: ["answer", "approve", "merge", "restore", "send"], [BOB]: ["answer", "send"] },
});

export interface Listening {
  acted: ChannelAction[];
  /** What the next ones come to. */
  answer(outcome: (action: ChannelAction) => ActionOutcome | Promise<ActionOutcome>): void;
  stop: AbortController;
  ended: Promise<void>;
}

/** Listens until the test ends, and waits for the socket. */
export async function listening({ slack, notifier }: Pick<TestDesk, "slack" | "notifier">): Promise<Listening> {
  const stop = new AbortController();
  const acted: ChannelAction[] = [];
  let outcome: (action: ChannelAction) => ActionOutcome | Promise<ActionOutcome> = () => ({
    isDone: true,
    text: "done",
  });
  const act = async (action: ChannelAction) => {
    acted.push(action);
    return await outcome(action);
  };
  const answer: Listening["answer"] = (next) => {
    outcome = next;
  };
  if (notifier.listen === undefined) throw new Error("it does not listen");
  const ended = notifier.listen(act, { signal: stop.signal });
  onTestFinished(async () => {
    stop.abort();
    await ended.catch(() => undefined); // A test looks at it itself.
  });
  await waitFor(() => slack.socket.connected() === 1, { what: "the socket" });
  return { acted, stop, ended, answer };
}

/** What people see of a message. */
export function shownText({ blocks }: SlackMessage): { title: string; body: string; small: string } {
  const texts = (type: string) =>
    blocks.flatMap((block) => {
      if (block.type !== type) return [];
      const parts = (block.elements ?? [block.text]) as { text: string }[];
      return parts.map(({ text }) => withoutJoiners(text).replaceAll("\n", " "));
    });
  return { title: texts("header").join(" "), body: texts("section").join(" "), small: texts("context").join(" ") };
}
