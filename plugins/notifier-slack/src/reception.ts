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
export const openReception = (listening: Listening): Reception => new Desk(listening);

class Desk implements Reception {
  readonly #listening: Listening;
  readonly #handled = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Who was told that they may not write here. */
  readonly #told = new Set<string>();
  /** Notices that somebody's press is about to end. */
  readonly #busy = new Set<string>();

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  async take(arrived: Arrived): Promise<void> {
    // A socket that has just closed can't take it. Slack then sends it again, and it is known.
    await arrived.ack().catch(() => undefined);
    const work = this.#handle(arrived).catch((error: unknown) => {
      const why = String(error).slice(0, 300);
      this.#listening.world.log.warn("a payload from Slack could not be handled", { why });
    });
    this.#running.add(work);
    await work;
    this.#running.delete(work);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #handle({ type, body }: Arrived): Promise<void> {
    if (type === "interactive") {
      const press = readPress(this.#listening, body);
      if (press !== null && this.#isNew(press.action.id)) await this.#press(press);
    } else if (type === "events_api") {
      const reply = readReply(this.#listening, body);
      if (reply !== null && this.#isNew(reply.action.id)) await this.#reply(reply);
    }
  }

  /** False if it was seen before. */
  #isNew(id: string): boolean {
    if (this.#handled.has(id)) return false;
    this.#handled.add(id);
    const [first] = this.#handled;
    if (this.#handled.size > MAX_KNOWN && first !== undefined) this.#handled.delete(first);
    return true;
  }

  async #press({ user, thread, item, key, action, refusal }: Press): Promise<void> {
    if (refusal !== null) return await this.#whisper(user, thread, refusal);
    // Two people, or one who presses twice: the first acts.
    const turn = `${key} ${item.block}`;
    if (this.#busy.has(turn)) return;
    this.#busy.add(turn);
    try {
      const { office, act } = this.#listening;
      const outcome = await acted(act, action);
      const text = line(outcome.text, 1_000);
      if (outcome.isDone) office.notices.end(key, item.block, { text, by: user });
      else await this.#whisper(user, thread, `Nothing was done. ${text}`);
    } finally {
      this.#busy.delete(turn);
    }
  }

  async #reply({ user, thread, action, isListed, refusal }: Reply): Promise<void> {
    if (refusal === null) {
      const { isDone, text } = await acted(this.#listening.act, action);
      return await this.#whisper(user, thread, `${isDone ? "" : "Nothing was sent. "}${line(text, 1_000)}`);
    }
    // People may talk in a thread. One word to each is enough.
    const once = `${user} ${thread}`;
    if (!isListed && this.#told.has(once)) return;
    this.#told.add(once);
    await this.#whisper(user, thread, refusal);
  }

  /** Says something that only this person sees. */
  async #whisper(user: string, thread: string | null, text: string): Promise<void> {
    const { office, world } = this.#listening;
    try {
      await office.api.ask((client) =>
        client.chat.postEphemeral({
          ...{ channel: office.place.channel, user, text: fallback(text), parse: "none", link_names: false },
          ...(thread === null ? {} : { thread_ts: thread }),
        }),
      );
    } catch (error) {
      const why = isAoError(error) ? error.message : String(error);
      world.log.warn("a reply to a person in Slack was not delivered", { why });
    }
  }
}

async function acted(act: Act, action: ChannelAction): Promise<ActionOutcome> {
  try {
    return await act(action);
  } catch (error) {
    return { isDone: false, text: isAoError(error) ? error.message : "ao failed. See `ao doctor`." };
  }
}
