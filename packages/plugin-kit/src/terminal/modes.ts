/** Terminal modes that a program turned on, found by watching its output. */
export interface TerminalModes {
  /** Reads more output. Returns the answers to queries that the program sent its terminal in these bytes. */
  watch(text: string): Question[];
  has(mode: number): boolean;
  /** Whether any mode was ever changed, which shows that the program knows terminals. */
  isTouched(): boolean;
  /** Turns the current modes on in a new viewer's terminal. */
  restore(): string;
  /** Turns them off again in a viewer's terminal when it leaves. */
  undo(): string;
}

export type Question = "attributes" | "position" | "status";

export const BRACKETED_PASTE = 2004;
const CURSOR = 25;
const WRAP = 7;
const ALTERNATE_SCREEN = 1049;
/** The longest sequence of interest. A chunk may end in the middle of one. */
const MAX_SEQUENCE = 64;

const SEQUENCE = /\u001b(?:\[\?([\d;]+)([hl])|\[([0-9;]*)([cn])|c)/g;
/** Queries to a terminal. A viewer's own terminal would answer them a second time when old output is shown again. */
const QUESTIONS =
  /\u001b(?:\[(?:[>=?]?[\d;]*c|\??[56]n|>\d*q|\?\d+\$p|\?u|1[4-9]t|2[01]t)|\](?:4;\d+|1[0-9]);\?(?:\u0007|\u001b\\)|P[+$]q[^\u001b]*\u001b\\)/g;

export const withoutQuestions = (text: string): string => text.replace(QUESTIONS, "");

export function terminalModes(): TerminalModes {
  const on = new Set<number>();
  const off = new Set<number>();
  let carried = "";
  let isTouched = false;

  function change(modes: string, isOn: boolean): void {
    for (const mode of modes.split(";").map(Number)) {
      isTouched = true;
      (isOn ? on : off).add(mode);
      (isOn ? off : on).delete(mode);
    }
  }

  return {
    watch(text) {
      const whole = carried + text;
      const asked: Question[] = [];
      for (const [found, modes, letter, argument, kind] of whole.matchAll(SEQUENCE)) {
        if (modes !== undefined) change(modes, letter === "h");
        else if (found === "\u001bc") on.clear();
        else if (kind === "c" && (argument === "" || argument === "0")) asked.push("attributes");
        else if (kind === "n" && argument === "6") asked.push("position");
        else if (kind === "n" && argument === "5") asked.push("status");
      }
      const last = whole.lastIndexOf("\u001b");
      const tail = last === -1 ? "" : whole.slice(last);
      carried = tail.length < MAX_SEQUENCE && !/^\u001b(\[[?>=]?[\d;]*[@-~]|[^[])/.test(tail) ? tail : "";
      return asked;
    },
    has: (mode) => on.has(mode),
    isTouched: () => isTouched,
    restore() {
      const alternate = on.has(ALTERNATE_SCREEN) ? `\u001b[?${ALTERNATE_SCREEN}h` : "";
      const others = [...on].filter((mode) => mode !== ALTERNATE_SCREEN).map((mode) => `\u001b[?${mode}h`);
      return [alternate, ...others, ...[...off].map((mode) => `\u001b[?${mode}l`)].join("");
    },
    undo() {
      const modes = [...on].filter((mode) => mode !== CURSOR && mode !== WRAP);
      return `${modes.map((mode) => `\u001b[?${mode}l`).join("")}\u001b[?${CURSOR}h\u001b[?${WRAP}h\u001b[=0u\u001b>\u001b[0m`;
    },
  };
}

/** What a plain terminal would answer, while nobody is attached. */
export const ANSWERS: Readonly<Record<Question, string>> = {
  attributes: "\u001b[?1;2c",
  position: "\u001b[1;1R",
  status: "\u001b[0n",
};

/** Bytes that a terminal sends by itself: answers, focus, mouse. Nobody typed them. */
export const isAutomatic = (text: string): boolean =>
  text.replace(
    /\u001b(?:\[(?:[?>]?[\d;]*[cRn]|\?[\d;]*\$y|\?\d+u|[IO]|<[\d;]+[Mm]|M[\s\S]{3}|[\d;]+t)|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|P[^\u001b]*\u001b\\)/g,
    "",
  ) === "";
