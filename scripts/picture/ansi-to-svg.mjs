// Turns a terminal's coloured text into an SVG of that terminal. Pure. Supports only SGR (16 colours, bold, dim).

const CELL = { width: 8.4, height: 19, font: 14 };
const PAD = { side: 16, top: 44, bottom: 16 };
const INK = "#d5dbe5";
const PAPER = "#171c26";
const COLOURS = ["#5b6678", "#f2777a", "#8fcf7c", "#f0c674", "#6ca8f0", "#c99bea", "#5fc9c9", "#d5dbe5"];

/** One style's effect on what follows. */
function applySgr(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code >= 30 && code <= 37) return { ...style, colour: COLOURS[code - 30] };
  if (code >= 90 && code <= 97) return { ...style, colour: COLOURS[code - 90] };
  if (code === 39) return { ...style, colour: undefined };
  return style;
}

/** How many cells a character takes in a terminal, well enough for what we print. */
export const widthOf = (char) => (/\p{Emoji_Presentation}/u.test(char) ? 2 : /\p{Mark}/u.test(char) ? 0 : 1);

/** Lines of runs `{text, column, cells, style}`. */
export function readAnsi(text) {
  let style = {};
  return text.split("\n").map((line) => {
    const runs = [];
    let column = 0;
    for (const part of line.replace(/\r$/, "").split(/(\u001b\[[\d;]*m)/)) {
      const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
      if (codes !== undefined) {
        for (const code of codes.split(";")) style = applySgr(style, Number(code));
      } else {
        for (const piece of pieces(part)) {
          const text = piece.text.trim();
          const before = piece.text.length - piece.text.trimStart().length;
          if (text !== "") runs.push({ text, column: column + before, cells: cellsOf(text), style });
          column += piece.cells;
        }
      }
    }
    return runs;
  });
}

const cellsOf = (text) => [...text].reduce((sum, char) => sum + widthOf(char), 0);

/** Splits into words joined by single blanks. Longer gaps and wide characters stand alone, so that columns stay aligned. */
function pieces(text) {
  return [...text.matchAll(/ {2,}|\p{Emoji_Presentation}|(?:(?! {2})\P{Emoji_Presentation})+/gu)].map(([part]) => ({
    text: part,
    cells: cellsOf(part),
  }));
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const round = (value) => Number(value.toFixed(1));

function runMarkup({ text, column, cells, style }, baseline) {
  const attributes = [
    `x="${round(PAD.side + column * CELL.width)}"`,
    `y="${baseline}"`,
    `textLength="${round(cells * CELL.width)}"`,
    ...(style.colour === undefined ? [] : [`fill="${style.colour}"`]),
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.dim ? ['opacity="0.62"'] : []),
  ];
  return `<text ${attributes.join(" ")}>${escaped(text)}</text>`;
}

/** Draws a terminal with a title bar. It is `columns` wide, or as wide as the longest line. */
export function ansiToSvg(text, { columns, title }) {
  const lines = readAnsi(text.replace(/\n+$/, ""));
  const longest = Math.max(columns, ...lines.flat().map((run) => run.column + run.cells));
  const width = round(longest * CELL.width + 2 * PAD.side);
  const height = PAD.top + lines.length * CELL.height + PAD.bottom;
  const body = lines.flatMap((runs, index) =>
    runs.map((run) => runMarkup(run, PAD.top + index * CELL.height + CELL.font)),
  );
  const dots = [COLOURS[1], COLOURS[3], COLOURS[2]].map(
    (fill, index) => `<circle cx="${PAD.side + 6 + index * 20}" cy="20" r="6" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>
${dots.join("\n")}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.font}" fill="${INK}" xml:space="preserve" style="white-space: pre">
<text x="50%" y="25" text-anchor="middle" opacity="0.62">${escaped(title)}</text>
${body.join("\n")}
</g>
</svg>
`;
}
