const SGR = /\u001b\[([0-9;:]*)m/g;

/** What holds at one place of the screen: attributes by their number, and the two colours as their parameters. */
interface Style {
  attributes: Set<string>;
  foreground: string;
  background: string;
}

/**
 * `capture-pane -e` writes only what changes, across the ends of rows too: the second row of a wrapped dim text has no sign of being dim. Here
 * each row begins with all that holds at its beginning.
 */
export function wholeStyles(rows: readonly string[]): string[] {
  const style: Style = { attributes: new Set(), foreground: "", background: "" };
  return rows.map((row) => {
    const begin = opening(style);
    for (const [, parameters = ""] of row.matchAll(SGR)) apply(style, parameters.split(";"));
    return `${begin}${row}`;
  });
}

function opening({ attributes, foreground, background }: Style): string {
  const all = [...attributes, foreground, background].filter((each) => each !== "");
  return all.length === 0 ? "" : `\u001b[${all.join(";")}m`;
}

/** Which attributes a number takes back. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  "22": ["1", "2"],
  "23": ["3"],
  "24": ["4", "21", "4:2", "4:3", "4:4", "4:5"],
  "25": ["5"],
  "27": ["7"],
  "28": ["8"],
  "29": ["9"],
};

function apply(style: Style, codes: readonly string[]): void {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? "";
    const number = Number(code.split(":")[0]);
    if (number === 0) Object.assign(style, { attributes: new Set(), foreground: "", background: "" });
    else if (code in ENDS) for (const each of ENDS[code] ?? []) style.attributes.delete(each);
    else if (number === 38 || number === 48) at += setColour(style, codes.slice(at));
    else if ((number >= 30 && number <= 39) || (number >= 90 && number <= 97))
      style.foreground = number === 39 ? "" : code;
    else if ((number >= 40 && number <= 49) || (number >= 100 && number <= 107))
      style.background = number === 49 ? "" : code;
    else if (number < 30) style.attributes.add(code);
  }
}

/** `38;5;N`, `38;2;R;G;B`, or all in one with colons. Answers how many further codes belong to it. */
function setColour(style: Style, codes: readonly string[]): number {
  const [code = "", kind] = codes;
  const more = code.includes(":") ? 0 : kind === "5" ? 2 : 4;
  style[code.startsWith("38") ? "foreground" : "background"] = codes.slice(0, more + 1).join(";");
  return more;
}
