import { createInterface, type Interface } from "node:readline";
import { isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import type { Context } from "../command.ts";
import { awayText } from "../output/away-text.ts";
import { fold } from "../output/format.ts";
import { visit } from "./leave.ts";
import { type Act, changeOf, EMPTY, isVisit, type Model, withRows } from "./model.ts";
import { perform } from "./perform.ts";
import { PLAIN_HELP, parseCommand } from "./plain-command.ts";
import { press } from "./press.ts";
import { quietContext } from "./quiet-context.ts";
import { rowText } from "./row-text.ts";
import { countsText } from "./texts.ts";

/** The inbox as lines: it prints what is new and takes typed commands. Nothing is drawn over anything. */
export async function plainInbox(context: Context): Promise<number> {
  return await new PlainInbox(context).run();
}

class PlainInbox {
  readonly #context: Context;
  readonly #quiet: Context;
  readonly #leaving = new AbortController();
  #model: Model = EMPTY;
  /** Rows keep their numbers, and none gets the number of another. */
  readonly #numbers = new Map<string, number>();
  readonly #shown = new Map<number, InboxRow>();
  #reader: Interface | null = null;
  /** Waits for the next line, if something was asked. */
  #onLine: ((line: string) => void) | null = null;
  #isBusy = false;

  constructor(context: Context) {
    this.#context = context;
    this.#quiet = quietContext(context, (text) => this.#print(oneLine(text, 400)));
  }

  async run(): Promise<number> {
    this.#listen();
    const leave = () => this.#leaving.abort();
    process.once("SIGTERM", leave).once("SIGHUP", leave).once("SIGINT", leave);
    try {
      await this.#quiet.follow("inbox", () => ({ isWatching: true, isHere: true }), {
        signal: this.#leaving.signal,
        onItem: (item) => this.#onItem(item as unknown as { data: InboxRow[]; meta: InboxMeta }),
        onRing: () => this.#context.io.out("\u0007"),
        onLost: () => {
          this.#model = { ...this.#model, connection: "lost" };
          this.#print("Lost the connection to the daemon. Waiting for it.");
        },
      });
    } catch (error) {
      if (!this.#leaving.signal.aborted) throw error;
    } finally {
      this.#reader?.close();
    }
    return 0;
  }

  #listen(): void {
    const { io } = this.#context;
    // The terminal itself edits the line, so nothing is drawn again.
    this.#reader = createInterface({ input: io.stdin, terminal: false });
    this.#reader.on("line", (line) => this.#take(line));
    this.#reader.on("close", () => {
      if (!this.#isBusy) this.#leaving.abort();
    });
  }

  #print(...lines: string[]): void {
    const { io } = this.#context;
    const text = `${lines.join("\n")}\n`;
    io.out(io.isOutTty ? fold(text, io.columns()) : text);
  }

  #onItem({ data, meta }: { data: InboxRow[]; meta: InboxMeta }): void {
    const { io } = this.#context;
    const before = this.#model;
    const wasLost = before.connection === "lost";
    this.#model = withRows(before, { rows: data, meta }, io.now());
    if (wasLost) this.#print("Reconnected to the daemon.");
    const isFirst = before.connection === "none";
    if (isFirst && meta.away !== null) this.#print(awayText(meta.away));
    const known = new Map(before.rows.map((row) => [row.key, namesOf(row)]));
    const fresh = this.#model.rows.filter((row) => known.get(row.key) !== namesOf(row));
    const gone = before.rows.filter(({ key }) => !this.#model.rows.some((row) => row.key === key));
    if (isFirst) this.#print(`Inbox: ${countsText(this.#model)}.`);
    for (const row of gone) this.#print(`Gone: ${this.#numberOf(row)}. ${namesOf(row)}`);
    for (const row of fresh) this.#printRow(row);
    if (isFirst) this.#print("Type a number and a command, such as `1 a`. `?` lists them, `q` quits.");
  }

  #numberOf({ key }: InboxRow): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }

  #printRow(row: InboxRow): void {
    const number = this.#numberOf(row);
    this.#shown.set(number, row);
    this.#print(...rowText(row, { number, nowMs: this.#context.io.now() }));
  }

  #take(line: string): void {
    const answer = this.#onLine;
    if (answer !== null) {
      this.#onLine = null;
      answer(line);
      return;
    }
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#obey(line)
      .catch((error: unknown) => this.#print(whyNot(error)))
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #obey(line: string): Promise<void> {
    const command = parseCommand(line);
    if (command.kind === "quit") return this.#leaving.abort();
    if (command.kind === "help") return this.#print(...PLAIN_HELP);
    if (command.kind === "unknown") return this.#print(command.why);
    if (command.kind !== "row") return this.#list();
    const shown = this.#shown.get(command.number);
    if (shown === undefined) return this.#print(`There is no row ${command.number}. An empty line lists the rows.`);
    if (!this.#model.rows.some(({ key }) => key === shown.key))
      return this.#print(`Row ${command.number} is gone, so nothing was done.`);
    const print = (line: string) => this.#print(line);
    const act = await converse({ model: this.#model, row: shown }, command, {
      print,
      ask: (question) => this.#ask(question),
      now: this.#context.io.now(),
    });
    if (act !== null) await this.#act(act);
  }

  #list(): void {
    this.#print(`Inbox: ${countsText(this.#model)}.`);
    for (const row of this.#model.rows) this.#printRow(row);
  }

  /** One typed line. Null at the end of the input. */
  #ask(question: string): Promise<string | null> {
    this.#print(question);
    return new Promise((resolve) => {
      this.#onLine = resolve;
      this.#reader?.once("close", () => resolve(null));
    });
  }

  async #act(act: Act): Promise<void> {
    if (!isVisit(act)) {
      try {
        this.#print((await perform(this.#quiet, act)).text);
      } catch (error) {
        const changed = isAoError(error) && error.code === "REFUSED" ? changeOf(this.#model, act.row) : null;
        this.#print(...[whyNot(error), ...(changed === null ? [] : [changed])]);
      }
      return;
    }
    this.#reader?.close();
    try {
      await visit(this.#context, act);
      this.#print("Back in the inbox.");
    } finally {
      this.#listen();
    }
  }
}

function whyNot(error: unknown): string {
  const { message, hint } = toAoError(error);
  return oneLine(`${message}${hint === undefined ? "" : `. ${hint}`}`, 600);
}

interface Talk {
  print(line: string): void;
  /** Null at the end of the input. */
  ask(question: string): Promise<string | null>;
  now: number;
}

/** The same keys as on the screen, and the same questions, but as lines. Null if nothing is to be done, which it has said. */
async function converse(
  { model, row }: { model: Model; row: InboxRow },
  { key, words, member }: { key: string; words: string; member: string | null },
  talk: Talk,
): Promise<Act | null> {
  const at = { ...model, rows: [row], selected: row.key, place: 0, member, armedAtMs: 0, busy: {}, message: null };
  const keyName = key === "" ? ({ name: "enter", text: "" } as const) : ({ name: "char", text: key } as const);
  let pressed = press(at, [keyName], talk.now);
  let typed = words;
  while (pressed.act === null && pressed.model.mode.kind === "prompt") {
    const { prompt } = pressed.model.mode;
    const isKey = prompt.kind === "confirm" || prompt.kind === "verdict";
    if (!isKey && prompt.note !== null) talk.print(prompt.note);
    const text = typed === "" ? await talk.ask(questionOf(pressed.model)) : typed;
    typed = "";
    if (text === null || (text.trim() === "" && prompt.kind !== "snooze")) {
      talk.print("Nothing was done.");
      return null;
    }
    const keys = isKey
      ? ([{ name: "char", text: text.trim().slice(0, 1) }] as const)
      : ([{ name: "paste", text }] as const);
    pressed = press({ ...pressed.model, armedAtMs: 0 }, keys, talk.now);
    if (!isKey) pressed = press(pressed.model, [{ name: "enter", text: "" }], talk.now);
  }
  if (pressed.act === null) talk.print(pressed.model.message?.text ?? "Nothing was done.");
  return pressed.act;
}

const namesOf = ({ sessions }: InboxRow): string => sessions.map(({ id }) => oneLine(id, 60)).join(", ");

function questionOf({ mode }: Model): string {
  if (mode.kind !== "prompt") return "";
  const { prompt } = mode;
  switch (prompt.kind) {
    case "confirm":
      return `${prompt.question} Type y or n.`;
    case "verdict":
      return "Type a to approve, c to request changes, o to comment.";
    case "answer":
      return "Type the number of a choice, or your own words if it takes them. An empty line cancels.";
    case "snooze":
      return "Snooze for how long? Such as 30m, 2h or 14:30. An empty line means 1h.";
    default:
      return "Type the text. An empty line cancels.";
  }
}
