import type { ChannelAction } from "@agent-orchestrator/core/slots/notifier";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import { z } from "zod";
import { rightOf } from "./buttons.ts";
import { digest, type Item } from "./ledger.ts";
import type { Listening } from "./listen.ts";

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const Payload = z.looseObject({
  type: z.literal("block_actions"),
  user: z.looseObject({ id: z.string(), name: z.string().optional(), team_id: z.string().nullish() }),
  team: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  container: z.looseObject({
    type: z.literal("message"),
    message_ts: z.string(),
    channel_id: z.string(),
    thread_ts: z.string().optional(),
    is_ephemeral: z.boolean().optional(),
  }),
  message: z.looseObject({ user: z.string(), bot_id: z.string().nullish() }),
  actions: z.tuple([
    z.looseObject({
      type: z.literal("button"),
      action_id: z.string(),
      block_id: z.string(),
      value: z.string(),
      action_ts: z.string(),
    }),
  ]),
});

/** A button of ours that somebody pressed. */
export interface Press {
  user: string;
  thread: string | null;
  /** Of the message in the ledger. */
  key: string;
  item: Item;
  action: ChannelAction;
  /** What to tell them instead of acting. */
  refusal: string | null;
}

/** Slack's time and this machine's may differ by minutes. */
const MAX_AGE_MS = 10 * 60_000;

export const isLate = (ts: string, nowMs: number): boolean => !(Math.abs(nowMs - Number(ts) * 1000) <= MAX_AGE_MS);

/** Slack has been seen to write values as it writes texts. */
const unescaped = (value: string): string =>
  value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Null for what is not about a button of ours, as we made it, in our channel. A link's button needs nothing but to be acknowledged. */
export function readPress({ office, options, world }: Listening, body: unknown): Press | null {
  const parsed = Payload.safeParse(body);
  if (!parsed.success) return null;
  const { user, team, channel, container, message, actions } = parsed.data;
  const { place, ledger } = office;
  const isHere =
    team.id === place.team &&
    (user.team_id ?? place.team) === place.team &&
    channel.id === place.channel &&
    container.channel_id === place.channel &&
    container.is_ephemeral !== true &&
    message.user === place.botUser;
  const record = isHere ? ledger.messageAt(container.message_ts) : undefined;
  const [{ action_id: id, block_id: block, value, action_ts: at }] = actions;
  const item = record?.items.find((one) => block.startsWith(one.block));
  const made = item?.buttons.find((one) => one.action === id)?.value;
  const endpoint = [value, unescaped(value)].find((one) => digest(one) === made);
  const right = endpoint === undefined ? null : rightOf(endpoint);
  if (record === undefined || item === undefined || endpoint === undefined || right === null) return null;
  const may = options.users.get(user.id) ?? [];
  const name = line(user.name ?? "", 60);
  const action: ChannelAction = {
    id: `slack:${place.channel}:${container.message_ts}:${id}:${at}`.slice(0, 200),
    ...{ endpoint, sessionId: null, text: null, may },
    by: `slack:${user.id}${name === "" ? "" : ` (${name})`}`,
  };
  const refusal = !may.includes(right)
    ? "You may not do that. `users` in the config of ao lists who may."
    : item.over !== null
      ? `Too late: ${item.over}`
      : isLate(at, world.clock.now())
        ? "That arrived too late. Press it again."
        : null;
  return { user: user.id, thread: container.thread_ts ?? null, key: record.key, item, action, refusal };
}
