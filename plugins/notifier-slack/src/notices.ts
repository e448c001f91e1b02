import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { NotifyAction, Withdrawn } from "@agent-orchestrator/core/slots/notifier";
import { context, fallback, type KnownBlock, marked, plain } from "./blocks.ts";
import { type Begun, type Desk, sendOnce } from "./deliver.ts";
import type { Edit, Edits } from "./edits.ts";
import { codeOf } from "./errors.ts";
import { digest, type Item, type SentMessage } from "./ledger.ts";
import { type Rendered, renderNotice, severalIn } from "./render.ts";
import type { Threads } from "./threads.ts";

export interface Notices {
  send(event: OrchestratorEvent, actions: readonly NotifyAction[], signal?: AbortSignal): Promise<void>;
  withdraw(notices: readonly Withdrawn[]): void;
  /** Takes the buttons of one notice away, and says why. */
  end(key: string, block: string, why: Ending): void;
}

export interface Ending {
  text: string;
  /** The id of somebody in Slack. */
  by: string | null;
}

interface World {
  desk: Desk;
  edits: Edits;
  threads: Threads;
  /** Somebody may press buttons here. */
  canAct: boolean;
}

/** In the thread of its session. Several of different sessions are in none. */
interface Destination {
  session: string | null;
  isBroadcast: boolean;
  event: OrchestratorEvent;
}

export const openNotices = (world: World): Notices => new ChannelNotices(world);

class ChannelNotices implements Notices {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get #records() {
    return this.#world.desk.ledger.messages;
  }

  async send(event: OrchestratorEvent, actions: readonly NotifyAction[], signal?: AbortSignal): Promise<void> {
    const { threads, canAct } = this.#world;
    const to = { ...destinationOf(event), signal };
    for (const [index, rendered] of renderNotice(event, actions, canAct).entries()) {
      const key = digest(`${event.id}#${index}`);
      try {
        await this.#deliver(key, rendered, to);
      } catch (error) {
        if (codeOf(error) !== "thread_not_found" || to.session === null) throw error;
        threads.forget(to.session);
        await this.#deliver(key, rendered, to);
      }
    }
  }

  withdraw(notices: readonly Withdrawn[]): void {
    for (const { id, sessionId, text } of notices) {
      for (const record of [...this.#records.all()]) {
        const isWhole = record.event === digest(id);
        const isMeant = (item: Item) =>
          item.over === null &&
          (item.notice === digest(id) || (isWhole && (sessionId ?? item.session) === item.session));
        const ended = record.items.filter(isMeant);
        if (ended.length > 0) this.#end(record, ended, { text, by: null });
      }
    }
  }

  end(key: string, block: string, why: Ending): void {
    const record = this.#records.get(key);
    const item = record?.items.find((one) => one.block === block);
    if (record !== undefined && item !== undefined) this.#end(record, [item], why);
  }

  #end(record: SentMessage, ended: readonly Item[], why: Ending): void {
    const { next, edit } = endedMessage(record, ended, why);
    this.#records.put(next);
    if (edit !== null) this.#world.edits.add(edit);
  }

  async #deliver(key: string, rendered: Rendered, to: Destination & { signal: AbortSignal | undefined }) {
    const { desk, threads } = this.#world;
    const before = this.#records.get(key);
    if (before !== undefined && before.ts !== null) return;
    const { session, event, signal, isBroadcast } = to;
    const thread = session === null ? null : await threads.rootOf(session, event, signal);
    const { text, blocks } = rendered;
    const base = { ...recordOf(rendered, isBroadcast), key, event: digest(event.id), at: desk.clock.now() };
    const sending = {
      begun: before ?? null,
      message: { kind: "ao_notice" as const, text, blocks, thread, isBroadcast },
      begin: ({ mark, thread: where, after }: Begun) => this.#records.put({ ...base, mark, thread: where, after }),
      clear: () => this.#records.remove(key),
    };
    const sent = await sendOnce(desk, sending, signal);
    this.#remember(key, sent.ts);
    if (sent.isOutside && session !== null) threads.forget(session);
  }

  /** It is in Slack. If that can't be written down, it is looked for after a restart. */
  #remember(key: string, ts: string): void {
    const record = this.#records.get(key);
    try {
      if (record !== undefined) this.#records.put({ ...record, ts });
    } catch (error) {
      const { log } = this.#world.desk;
      log.warn("a message that was sent to Slack could not be recorded", { why: String(error) });
    }
  }
}

function destinationOf(event: OrchestratorEvent): Destination {
  const several = severalIn(event);
  const sessions = new Set(several.map((one) => one.sessionId));
  const only = sessions.size === 1 ? (several[0]?.sessionId ?? null) : null;
  const session = several.length > 0 ? only : event.sessionId;
  // A reply is seen by those who follow the thread, and at first that is nobody.
  return { session, isBroadcast: event.priority === "urgent" || event.priority === "action", event };
}

/** What is kept of a message. What nobody takes up needs no edit later. */
function recordOf({ text, blocks, items }: Rendered, isBroadcast: boolean) {
  const canEnd = isBroadcast || items.some(({ buttons }) => buttons.length > 0);
  const kept = canEnd ? (blocks as unknown as Record<string, unknown>[]) : [];
  return { ts: null, text, blocks: kept, items };
}

/** The message without the buttons of these notices. */
function endedMessage(
  record: SentMessage,
  ended: readonly Item[],
  why: Ending,
): { next: SentMessage; edit: Edit | null } {
  const items = record.items.map((item) => (ended.includes(item) ? { ...item, over: why.text } : item));
  const before = record.blocks as unknown as readonly KnownBlock[];
  // In a list, what has no buttons is only a line among others.
  const isShownIn = ({ block }: Item) => items.length === 1 || before.some((one) => isButtonsOf(block, one));
  const blocks = ended.filter(isShownIn).reduce((all, { block }) => without(all, block, why), before);
  const text = `${record.text} · ${fallback(why.text)}`;
  const isAllOver = items.every((item) => item.over !== null);
  const kept = isAllOver ? [] : (blocks as unknown as Record<string, unknown>[]);
  const isShown = blocks !== before && before.length > 0;
  return {
    next: { ...record, items, blocks: kept },
    edit: isShown && record.ts !== null ? { ts: record.ts, text, blocks, isPaced: false } : null,
  };
}

const isButtonsOf = (block: string, one: KnownBlock): boolean =>
  one.type === "actions" && one.block_id?.startsWith(block) === true;

/** The same blocks with one line where the buttons of a notice were, or at the end if it had none. */
function without(blocks: readonly KnownBlock[], block: string, { text, by }: Ending) {
  const isOne = (one: KnownBlock) => isButtonsOf(block, one);
  const words = plain(text, 1_000);
  // The id is one of the config. An edit rings nobody.
  const line = by === null ? context(words) : context(marked(`<@${by}>`), words);
  const first = blocks.findIndex(isOne);
  const rest = blocks.filter((one) => !isOne(one));
  const at = first === -1 ? rest.length : first;
  return [...rest.slice(0, at), line, ...rest.slice(at)];
}
