/** Joiners that belong to an emoji or a word, as in 👩‍🚀 or in Persian, stay. */
const JOINS_NOTHING =
  "(?<![\\p{L}\\p{M}\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])[\\u200c\\u200d]|[\\u200c\\u200d](?![\\p{L}\\p{Extended_Pictographic}])";
/** Soft hyphens, zero-width and bidirectional characters, byte order marks, tags. Agents drop some of them, and nobody sees any. */
const HIDDEN =
  "[\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]";
/** C0 and C1 except tab and newline, and halves of characters. */
const CONTROL = "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]|\\p{Cs}";
const UNSEEN = new RegExp(`${HIDDEN}|${CONTROL}`, "gu");
const LOOSE_JOINER = new RegExp(JOINS_NOTHING, "gu");

/**
 * Prepares text to be passed to an agent: normalises line endings, and leaves out what an agent or a terminal would drop, take for a key, or
 * hide from its reader. Changes nothing else. `onLeftOut` gets each character that is left out.
 */
export function cleanMessage(text: string, onLeftOut: (char: string) => void = () => undefined): string {
  const drop = (char: string): string => {
    onLeftOut(char);
    return "";
  };
  let clean = text.replace(/\r\n?|[\u2028\u2029]/g, "\n").replace(UNSEEN, drop);
  // Of several joiners in a row, one is loose only once the next is gone.
  for (let before = ""; before !== clean; ) {
    before = clean;
    clean = clean.replace(LOOSE_JOINER, drop);
  }
  return clean;
}

/** A character that `cleanMessage` leaves out, as `U+202E`, and how often. */
export interface LeftOut {
  char: string;
  count: number;
}

export function leftOutOf(text: string): LeftOut[] {
  const counts = new Map<string, number>();
  cleanMessage(text, (char) => {
    const name = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return [...counts].map(([char, count]) => ({ char, count }));
}

/** `3 characters were left out: U+202E (2), U+200B`. */
export function describeLeftOut(all: readonly LeftOut[]): string {
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const names = all.map(({ char, count }) => (count === 1 ? char : `${char} (${count})`));
  return `${total === 1 ? "1 character was" : `${total} characters were`} left out: ${names.join(", ")}`;
}
