/** One curve of a plot. Points without a line are figures of somebody else. */
export interface Curve {
  name: string;
  colour: string;
  points: readonly { x: number; y: number }[];
  isLine: boolean;
}

export interface Panel {
  title: string;
  unit: string;
  curves: readonly Curve[];
  /** A line across, with its name. */
  goals: readonly { y: number; name: string }[];
}

const WIDTH = 400;
const HEIGHT = 260;
const LEFT = 46;
const RIGHT = 96;
const TOP = 34;
const BOTTOM = 36;
const INK = "#6e7781";

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A step of 1, 2 or 5 times a power of ten, for about four lines. */
function stepFor(most: number): number {
  const raw = most / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
}

const text = ([x, y]: readonly [number, number], words: string, more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escapeXml(words)}</text>`;

function drawPanel({ title, unit, curves, goals }: Panel, offset: number): string {
  const all = curves.flatMap(({ points }) => points);
  const mostX = Math.max(...all.map(({ x }) => x));
  const step = stepFor(Math.max(...all.map(({ y }) => y), ...goals.map(({ y }) => y)) * 1.05);
  const mostY = step * Math.ceil((Math.max(...all.map(({ y }) => y), ...goals.map(({ y }) => y)) * 1.05) / step);
  const atX = (x: number) => offset + LEFT + (x / mostX) * (WIDTH - LEFT - RIGHT);
  const atY = (y: number) => HEIGHT - BOTTOM - (y / mostY) * (HEIGHT - TOP - BOTTOM);
  const right = atX(mostX);
  const parts = [text([offset + LEFT, 18], `${title} (${unit})`, 'font-weight="bold"')];
  for (let y = 0; y <= mostY + step / 2; y += step) {
    parts.push(
      `<line x1="${atX(0)}" x2="${right}" y1="${atY(y)}" y2="${atY(y)}" stroke="${INK}" stroke-opacity="0.25"/>`,
      text([atX(0) - 6, atY(y) + 4], String(Number(y.toFixed(6))), 'text-anchor="end"'),
    );
  }
  for (const x of [...new Set(all.map((point) => point.x))]) {
    parts.push(text([atX(x), HEIGHT - BOTTOM + 16], String(x), 'text-anchor="middle"'));
  }
  parts.push(text([atX(mostX / 2), HEIGHT - 4], "sessions", 'text-anchor="middle"'));
  for (const { y, name } of goals) {
    parts.push(
      `<line x1="${atX(0)}" x2="${right}" y1="${atY(y)}" y2="${atY(y)}" stroke="${INK}" stroke-dasharray="5 4"/>`,
      text([right + 6, atY(y) + 4], name),
    );
  }
  return [...parts, ...curves.map((curve) => drawCurve(curve, { atX, atY }))].join("\n");
}

function drawCurve(curve: Curve, { atX, atY }: { atX(x: number): number; atY(y: number): number }): string {
  const { name, colour, points, isLine } = curve;
  const spots = points.map(({ x, y }) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`);
  const dots = points.map(({ x, y }) =>
    isLine
      ? `<circle cx="${atX(x).toFixed(1)}" cy="${atY(y).toFixed(1)}" r="3" fill="${colour}"/>`
      : `<path d="M${(atX(x) - 4).toFixed(1)} ${(atY(y) - 4).toFixed(1)}l8 8m0 -8l-8 8" stroke="${colour}" stroke-width="2"/>`,
  );
  const last = points.at(-1);
  const label =
    last === undefined ? "" : text([atX(last.x) + 8, atY(last.y) + (isLine ? 4 : -6)], name, `fill="${colour}"`);
  const line = isLine ? `<polyline points="${spots.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>` : "";
  return [line, ...dots, label].filter((part) => part !== "").join("\n");
}

/** The panels beside each other, readable on light and dark pages. */
export function drawPlot(panels: readonly Panel[], title: string): string {
  const width = WIDTH * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">
<title>${escapeXml(title)}</title>
${panels.map((panel, at) => drawPanel(panel, at * WIDTH)).join("\n")}
</svg>
`;
}
