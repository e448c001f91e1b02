import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ActionOutcome, ChannelAction } from "@agent-orchestrator/core/slots/notifier";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import { fallback } from "./blocks.ts";
import type { Act, Listening } from "./listen.ts";
import { type Press, readPress } from "./press.ts";
import { type Reply, readReply } from "./reply.ts";

/** What the SDK passes on. */
export interface Arrived {
  ack(): Promise<void>;
  type: string;
  body: unknown;
}

export interface Reception {
  /** Acknowledges it, and then acts. */
  take(arrived: Arrived): Promise<void>;
  /** When everything that was begun is done. */
  settled(): Promise<void>;
}

/** Slack sends again what it had no acknowledgement for. */
const MAX_KNOWN = 5_000;

/** What arrives through the socket. Whatever is not certainly a permitted act of a listed person does nothing. */
export function openReception(listening: Listening): Reception {
  const { office, world, act } = listening;
  const handled = new Set<string>();
  const running = new Set<Promise<void>>();
  const told = new Set<string>();

  /** False if it was seen before. */
  function isNew(id: string): boolean {
    if (handled.has(id)) return false;
    handled.add(id);
    const [first] = handled;
    if (handled.size > MAX_KNOWN && first !== undefined) handled.delete(first);
    return true;
  }

  async function whisper(user: string, thread: string | null, text: string): Promise<void> {
    try {
      await office.api.ask((client) =>
        client.chat.postEphemeral({
          ...{ channel: office.place.channel, user, text: fallback(text), parse: "none", link_names: false },
          ...(thread === null ? {} : { thread_ts: thread }),
        }),
      );
    } catch (error) {
      world.log.warn("somebody in Slack got no answer", { why: isAoError(error) ? error.message : String(error) });
    }
  }

  async function press(found: Press): Promise<void> {
    const { user, thread, item, key, action } = found;
    if (!isNew(action.id)) return;
    if (found.refusal !== null) return await whisper(user, thread, found.refusal);
    // Two people, or one who presses twice: the first acts.
    const turn = `${key} ${item.block}`;
    if (busy.has(turn)) return;
    busy.add(turn);
    try {
      const outcome = await acted(act, action);
      const text = line(outcome.text, 1_000);
      if (outcome.isDone) office.notices.end(key, item.block, { text, by: user });
      else await whisper(user, thread, `Nothing was done. ${text}`);
    } finally {
      busy.delete(turn);
    }
  }
  const busy = new Set<string>();

  async function reply(found: Reply): Promise<void> {
    const { user, thread, action } = found;
    if (!isNew(action.id)) return;
    if (found.refusal === null) {
      const { isDone, text } = await acted(act, action);
      return await whisper(user, thread, `${isDone ? "" : "Nothing was sent. "}${line(text, 1_000)}`);
    }
    // People may talk in a thread. One word to each is enough.
    const once = `${user} ${thread} ${found.isListed}`;
    if (!found.isListed && told.has(once)) return;
    told.add(once);
    await whisper(user, thread, found.refusal);
  }

  async function handle({ type, body }: Arrived): Promise<void> {
    if (type === "interactive") {
      const found = readPress(listening, body);
      if (found !== null) await press(found);
    } else if (type === "events_api") {
      const found = readReply(listening, body);
      if (found !== null) await reply(found);
    }
  }

  return {
    async take(arrived) {
      // A socket that has just closed can't take it. Slack then sends it again, and it is known.
      await arrived.ack().catch(() => undefined);
      const work = handle(arrived).catch((error: unknown) => {
        world.log.warn("what somebody did in Slack was not understood", { why: String(error).slice(0, 300) });
      });
      running.add(work);
      await work;
      running.delete(work);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

async function acted(act: Act, action: ChannelAction): Promise<ActionOutcome> {
  try {
    return await act(action);
  } catch (error) {
    return { isDone: false, text: isAoError(error) ? error.message : "ao failed. See `ao doctor`." };
  }
}
