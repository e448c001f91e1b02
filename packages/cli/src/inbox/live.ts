import { setTimeout as sleep } from "node:timers/promises";
import { isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import type { Context } from "../command.ts";
import { awayText } from "../output/away-text.ts";
import { type Colours, coloursFor } from "../output/colour.ts";
import { ringText } from "../output/ring.ts";
import { dropTypedAhead } from "../output/typed-ahead.ts";
import type { Key } from "./keys.ts";
import { visit } from "./leave.ts";
import {
  type Act,
  begin,
  changeOf,
  EMPTY,
  failed,
  finish,
  isVisit,
  type Model,
  said,
  toList,
  type Visit,
  withRows,
} from "./model.ts";
import { labelOf, perform } from "./perform.ts";
import { pictureOf } from "./picture.ts";
import { press } from "./press.ts";
import { quietContext } from "./quiet-context.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** Ages change even if nothing happens. */
const AGEING_MS = 5_000;

/** The inbox on a terminal, until the user leaves it. */
export async function liveInbox(context: Context): Promise<number> {
  const inbox = new LiveInbox(context);
  return await inbox.run();
}

class LiveInbox {
  readonly #context: Context;
  readonly #quiet: Context;
  readonly #colour: Colours;
  readonly #leaving = new AbortController();
  readonly #terminal: Terminal;
  #stream = new AbortController();
  #model: Model = EMPTY;
  #isVisiting = false;
  #hasToldAway = false;

  constructor(context: Context) {
    this.#context = context;
    this.#quiet = quietContext(context, (text) => this.#say(text));
    this.#colour = coloursFor(context.io);
    this.#terminal = openTerminal(context.io, {
      onKeys: (keys) => this.#onKeys(keys),
      onResize: () => this.#draw(),
      onLeave: () => this.#leave(),
    });
  }

  async run(): Promise<number> {
    try {
      this.#draw();
      void this.#age();
      while (!this.#leaving.signal.aborted) await this.#follow();
      return 0;
    } finally {
      this.#leave();
      this.#terminal.close();
    }
  }

  #leave(): void {
    this.#leaving.abort();
    this.#stream.abort();
  }

  /** One stream, until the screen is left for a moment or for good. */
  async #follow(): Promise<void> {
    this.#stream = new AbortController();
    const { signal } = this.#stream;
    try {
      await this.#quiet.follow("inbox", () => ({ isWatching: true, isHere: true }), {
        signal,
        onItem: (item) => this.#onItem(item as unknown as { data: InboxRow[]; meta: InboxMeta }),
        onRing: (text) => this.#context.io.out(ringText(this.#context.io.env, text)),
        onLost: () => this.#set({ ...this.#model, connection: "lost" }),
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    while (this.#isVisiting) await sleep(20);
  }

  #onItem({ data, meta }: { data: InboxRow[]; meta: InboxMeta }): void {
    let model = withRows(this.#model, { rows: data, meta }, this.#context.io.now());
    if (meta.away !== null && !this.#hasToldAway) model = { ...model, message: said(awayText(meta.away)) };
    this.#hasToldAway = true;
    this.#set(model);
  }

  #set(model: Model): void {
    this.#model = model;
    this.#draw();
  }

  #say(text: string): void {
    this.#set({ ...this.#model, message: said(oneLine(text, 400)) });
  }

  #draw(): void {
    const { io } = this.#context;
    const look = { columns: io.columns(), rows: io.stdout.rows || 24, nowMs: io.now(), colour: this.#colour };
    this.#terminal.draw(pictureOf(this.#model, look));
  }

  async #age(): Promise<void> {
    const { signal } = this.#leaving;
    for (;;) {
      await sleep(AGEING_MS, undefined, { signal }).catch(() => undefined); // left
      if (signal.aborted) return;
      this.#draw();
    }
  }

  #onKeys(keys: Key[]): void {
    const { io } = this.#context;
    const size = { columns: io.columns(), rows: io.stdout.rows || 24 };
    const { model, act, isLeaving } = press({ ...this.#model, size }, keys, io.now());
    this.#set(model);
    if (isLeaving) this.#leave();
    if (act !== null) void this.#act(act);
  }

  async #act(act: Act): Promise<void> {
    if (this.#model.connection !== "connected") {
      this.#set({ ...this.#model, message: failed("Not connected to the daemon, so nothing was done.") });
    } else if (isVisit(act)) {
      await this.#visit(act);
    } else {
      const { key } = act.row;
      this.#set(begin(this.#model, key, labelOf(act)));
      const message = await perform(this.#quiet, act).catch((error: unknown) => failed(this.#whyNot(act, error)));
      this.#set(finish(this.#model, key, { message, nowMs: this.#context.io.now() }));
    }
  }

  /** With what has changed since it was shown. */
  #whyNot({ row }: Act, error: unknown): string {
    const { message, hint } = toAoError(error);
    const changed = isAoError(error) && error.code === "REFUSED" ? changeOf(this.#model, row) : null;
    return [message, changed ?? hint ?? ""].filter((part) => part !== "").join(". ");
  }

  /** Leaves the screen for something that needs all of the terminal. */
  async #visit(act: Visit): Promise<void> {
    const { io } = this.#context;
    this.#isVisiting = true;
    this.#stream.abort();
    this.#terminal.suspend();
    let message: Model["message"] = null;
    try {
      await visit(this.#context, act);
    } catch (error) {
      const { message: text, hint } = toAoError(error);
      message = failed(`${text}${hint === undefined ? "" : `. ${hint}`}`);
    } finally {
      dropTypedAhead({ stdin: io.stdin, isInTty: io.isInTty, err: () => undefined });
      this.#isVisiting = false;
      this.#model = { ...toList(this.#model, io.now()), message, connection: "none" };
      if (!this.#leaving.signal.aborted) this.#terminal.resume();
      this.#draw();
    }
  }
}
