/** Figures that turn or fill while nothing happens: braille, circles, stars, squares, bars. */
const SPINNER =
  /[\u2800-\u28ff\u25cb-\u25d7\u25dc-\u25e1\u2720-\u274b\u2b1b-\u2b1d\u2b24\u2b58\u25a0-\u25a3\u25aa\u25ab\u2580-\u259f·∙•✢*]/gu;
/** ASCII's spinner, alone between blanks. */
const ASCII_SPINNER = /(?<=^|\s)[|/\\-](?=\s|$)/g;
/** `0:42`, `1:02:03`, `12s`, `1m 3s`, `0.8 s`, `4 min`. Other numbers (per cent, tokens, lines) count something. */
const CLOCK = /\b\d+(?::\d\d)+\b|\b\d+(?:[.,]\d+)?\s?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b/g;
/** Advice that a program shows while it waits. */
const ADVICE = /^\W*tip:/i;

/**
 * PURE. What rows of a terminal say apart from what moves by itself: spinners, clocks, dots that come and go, advice. Two looks with the
 * same sign: nothing has been printed in between.
 */
export function screenSign(rows: readonly string[]): string {
  return rows
    .filter((row) => !ADVICE.test(row))
    .map((row) =>
      row
        .replace(SPINNER, "")
        .replace(CLOCK, "")
        .replace(ASCII_SPINNER, "")
        .replace(/\.{2,}|…/g, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((row) => row !== "")
    .join("\n");
}
