import type { Figure } from "./figure.ts";

export const amount = (value: number, unit: Figure["unit"]): string =>
  `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)}${unit === "%" ? " %" : ` ${unit}`}`;

const verdict = ({ isMet }: Figure): string => (isMet === null ? "" : isMet ? "met" : "MISSED");

/** Prints one figure as soon as it is known. */
export function lineOf(figure: Figure): string {
  const { what, unit, goal, byHand, ratio, notes, load } = figure;
  const hand = byHand === null ? "" : `; by hand (${byHand.what}) ${amount(byHand.figure, unit)}`;
  const times = ratio === null ? "" : `, ratio ${ratio.toFixed(2)}`;
  const head = `${what}: ${amount(figure.figure, unit)} (goal ${goal})${hand}${times} ${verdict(figure)}`.trimEnd();
  return [`${head} [load ${load.toFixed(1)}]`, ...notes.map((note) => `    ${note}`)].join("\n");
}

export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

export function table(figures: readonly Figure[]): string {
  return columns([
    ["what", "figure", "goal", "limit", "by hand", "ratio", "", "load"],
    ...figures.map((figure) => [
      figure.what,
      amount(figure.figure, figure.unit),
      figure.goal,
      figure.limit === null ? "" : amount(figure.limit, figure.unit),
      figure.byHand === null ? "" : amount(figure.byHand.figure, figure.unit),
      figure.ratio === null ? "" : figure.ratio.toFixed(2),
      verdict(figure),
      figure.load.toFixed(1),
    ]),
  ]);
}
