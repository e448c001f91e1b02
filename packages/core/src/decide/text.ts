/** The first line of a text, for what needs not be kept whole. */
export function shorten(text: string, max = 200): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  return line === text && line.length <= max ? text : `${line.slice(0, max - 2).trimEnd()} …`;
}

/**
 * What is left of a text when white space and what is invisible are taken out, as a short key: agents wrap lines, strip blanks, compose letters and
 * swallow what nobody sees. Two FNV-1a hashes and the length; a match is a receipt, no proof against anybody.
 */
export function textKey(text: string): string {
  const bare = text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}\u2065\u{e0000}-\u{e007f}]+/gu, "").normalize("NFC");
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let at = 0; at < bare.length; at++) {
    const unit = bare.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193) >>> 0;
    high = Math.imul(high ^ (unit + at), 0x5bd1e995) >>> 0;
  }
  return `${bare.length}:${low.toString(36)}${high.toString(36)}`;
}

/** All that some program shows as the end of a line. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** Stranger's words as data: each line verbatim behind `> `. No line of theirs begins without it, wherever it is read. */
export function quote(text: string): string {
  return text
    .split(LINE_END)
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** In UTF-8 no character takes more than 4 bytes. */
const MAX_CHARS = 16_000;

/** At most 64 KiB of UTF-8, whatever strangers wrote; what to do next, the last paragraph, stays. */
export function bound(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  const last = text.slice(text.lastIndexOf("\n\n"));
  const end = last.length > MAX_CHARS / 4 ? "" : last;
  return `${text.slice(0, MAX_CHARS - end.length - 60)}\n\n[Cut here: the rest is on the pull request.]${end}`;
}
