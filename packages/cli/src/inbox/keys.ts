/** What was typed. `char` and `paste` have a text. */
export interface Key {
  name:
    | "char"
    | "paste"
    | "enter"
    | "escape"
    | "backspace"
    | "tab"
    | "up"
    | "down"
    | "left"
    | "right"
    | "home"
    | "end"
    | "page-up"
    | "page-down"
    | "leave"
    | "erase-line"
    | "erase-word"
    | "other";
  text: string;
}

const key = (name: Key["name"], text = ""): Key => ({ name, text });

const CONTROLS: Readonly<Record<string, Key["name"]>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0003": "leave",
  "\u0004": "leave",
  "\u0015": "erase-line",
  "\u0017": "erase-word",
};

const SEQUENCES: Readonly<Record<string, Key["name"]>> = {
  ...{ "[A": "up", "[B": "down", "[C": "right", "[D": "left", "[H": "home", "[F": "end" },
  ...{ OA: "up", OB: "down", OC: "right", OD: "left", OH: "home", OF: "end" },
  ...{ "[5~": "page-up", "[6~": "page-down", "[1~": "home", "[4~": "end" },
};

const PASTE_BEGINS = "\u001b[200~";
const PASTE_ENDS = "\u001b[201~";
const SEQUENCE = /^\u001b(\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/;
const UNFINISHED = /^\u001b(\[[0-?]*[ -/]*|O)?$/;
/** More than a terminal sends for one key. */
const MAX_SEQUENCE = 32;

/** Turns the bytes of a terminal into keys. What one read returned stays together. */
export function createDecoder(onKeys: (keys: Key[]) => void): { push(chunk: string): void; reset(): void } {
  let rest = "";
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const isEscape = rest === "\u001b";
    rest = "";
    if (isEscape) onKeys([key("escape")]);
  };
  return {
    push(chunk) {
      clearTimeout(timer);
      const { keys, rest: more } = keysOf(rest + chunk);
      rest = more;
      // A lone Escape looks like the beginning of a sequence. The rest of one follows at once.
      if (rest !== "" && !rest.startsWith(PASTE_BEGINS)) timer = setTimeout(flush, 50);
      if (keys.length > 0) onKeys(keys);
    },
    reset() {
      clearTimeout(timer);
      rest = "";
    },
  };
}

/** The keys in a text, and what at its end is not finished. */
export function keysOf(text: string): { keys: Key[]; rest: string } {
  const keys: Key[] = [];
  let left = text;
  while (left !== "") {
    if (left.startsWith(PASTE_BEGINS)) {
      const end = left.indexOf(PASTE_ENDS);
      if (end === -1) return { keys, rest: left };
      keys.push(key("paste", left.slice(PASTE_BEGINS.length, end)));
      left = left.slice(end + PASTE_ENDS.length);
      continue;
    }
    if (UNFINISHED.test(left) && left.length < MAX_SEQUENCE) return { keys, rest: left };
    const [next, length] = nextOf(left);
    keys.push(next);
    left = left.slice(length);
  }
  return { keys, rest: "" };
}

function nextOf(text: string): [Key, number] {
  const sequence = SEQUENCE.exec(text);
  if (sequence !== null) return [key(SEQUENCES[sequence[1] ?? ""] ?? "other"), sequence[0].length];
  const char = String.fromCodePoint(text.codePointAt(0) ?? 0);
  // Alt and a key, which is neither of the two.
  if (char === "\u001b") return [key("other"), Math.min(2, text.length)];
  const control = CONTROLS[char];
  if (control !== undefined) return [key(control), char.length];
  if (/^[\u0000-\u001f\u0080-\u009f]$/.test(char)) return [key("other"), char.length];
  return [key("char", char), char.length];
}
