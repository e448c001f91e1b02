import { randomUUID } from "node:crypto";
import type { Envelope, SocketMode } from "./socket.ts";
import { nextTs, type SlackMessage, type SlackWorld, shownMessage } from "./world.ts";

/** Somebody in the workspace. What they do reaches the app through its socket. */
export interface Person {
  /** Presses a button that the message has. Resolves with the milliseconds until it was acknowledged. */
  press(message: SlackMessage, label: string | RegExp): Promise<number>;
  /** What a press would send. */
  pressed(message: SlackMessage, label: string | RegExp): Envelope;
  /** Writes into the thread of a message, or into the channel. */
  reply(thread: SlackMessage | null, text: string): Promise<number>;
  /** What a reply would send. It is in the channel then. */
  replied(thread: SlackMessage | null, text: string): Envelope;
}

type Part = Record<string, unknown>;

/** The buttons that a message has now. */
export function buttonsOf({ blocks }: Pick<SlackMessage, "blocks">): (Part & { block_id: string; label: string })[] {
  return blocks.flatMap((block) => {
    const parts =
      block.type === "actions" ? (block.elements as Part[]) : block.accessory ? [block.accessory as Part] : [];
    return parts.map((part) => ({
      ...part,
      block_id: String(block.block_id),
      label: String((part.text as Part).text).replaceAll("\u2060", ""),
    }));
  });
}

export function people(world: SlackWorld, socket: SocketMode, id: string): Person {
  const name = id === "U01ANN" ? "ann" : id.toLowerCase();
  const isLabel = (label: string | RegExp, text: string) =>
    typeof label === "string" ? label === text : label.test(text);

  function pressed(message: SlackMessage, label: string | RegExp): Envelope {
    const button = buttonsOf(message).find((one) => isLabel(label, one.label));
    if (button === undefined) throw new Error(`there is no button ${String(label)}`);
    const channel = world.channels.find((one) => one.id === message.channel);
    const { type, action_id: action, block_id: block, text, value } = button;
    return {
      type: "interactive",
      envelope_id: randomUUID(),
      payload: {
        type: "block_actions",
        user: { id, username: name, name, team_id: world.team },
        api_app_id: world.appId,
        token: "verification",
        container: {
          ...{ type: "message", message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
          ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
        },
        trigger_id: "1.2.3",
        team: { id: world.team, domain: "acme" },
        enterprise: null,
        is_enterprise_install: false,
        channel: { id: message.channel, name: channel?.name ?? "" },
        message: shownMessage(world, message, false),
        state: { values: {} },
        actions: [
          {
            type,
            action_id: action,
            block_id: block,
            text,
            ...(value === undefined ? {} : { value }),
            action_ts: nextTs(world),
          },
        ],
      },
    };
  }

  function replied(thread: SlackMessage | null, text: string): Envelope {
    const channel = thread?.channel ?? world.channels[0]?.id ?? "";
    const threadTs = thread === null ? null : (thread.threadTs ?? thread.ts);
    const message: SlackMessage = {
      ...{ ts: nextTs(world), channel, user: id, isBot: false, text, blocks: [], threadTs },
      ...{ isBroadcast: false, metadata: null, edits: 0 },
    };
    world.messages.push(message);
    return {
      type: "events_api",
      envelope_id: randomUUID(),
      payload: {
        ...{ token: "verification", team_id: world.team, api_app_id: world.appId, type: "event_callback" },
        event: {
          ...{ type: "message", user: id, ts: message.ts, text, team: world.team, channel, channel_type: "channel" },
          ...{ client_msg_id: randomUUID(), event_ts: message.ts },
          ...(threadTs === null ? {} : { thread_ts: threadTs, parent_user_id: world.botUser }),
        },
        event_id: `Ev${randomUUID().slice(0, 8)}`,
        event_time: Math.floor(world.now() / 1000),
        authorizations: [{ team_id: world.team, user_id: world.botUser, is_bot: true }],
      },
    };
  }

  return {
    pressed,
    replied,
    press: (message, label) => socket.send(pressed(message, label)),
    reply: (thread, text) => socket.send(replied(thread, text)),
  };
}
