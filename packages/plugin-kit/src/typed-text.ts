const SGR = /\u001b\[([0-9;:]*)m/g;

/**
 * The text of a row without what is drawn dim: placeholders and suggestions are, and what somebody typed is not. The program draws its
 * cursor by turning one sign around; over a dim text that sign belongs to it.
 */
export function plainWithoutDim(styledRow: string): string {
  let isDim = false;
  let isTurned = false;
  let text = "";
  let turned: { sign: string; at: number } | null = null;
  let hasDimAfter = false;
  let last = 0;
  const take = (part: string): void => {
    const clean = part.replace(/\u001b[^m]*m?/g, "");
    if (isDim) hasDimAfter ||= clean.trim() !== "";
    else if (isTurned && turned === null && clean !== "") turned = { sign: clean, at: text.length };
    if (!isDim) text += clean;
  };
  for (const match of styledRow.matchAll(SGR)) {
    take(styledRow.slice(last, match.index));
    last = match.index + match[0].length;
    ({ isDim, isTurned } = applied(match[1] ?? "", { isDim, isTurned }));
  }
  take(styledRow.slice(last));
  const cursor = turned as { sign: string; at: number } | null;
  if (cursor !== null && hasDimAfter && text.slice(cursor.at + cursor.sign.length).trim() === "")
    return text.slice(0, cursor.at);
  return text;
}

interface Look {
  isDim: boolean;
  isTurned: boolean;
}

function applied(parameters: string, before: Look): Look {
  const look = { ...before };
  const codes = parameters === "" ? ["0"] : parameters.split(";");
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index];
    if (code === "0" || code === "") Object.assign(look, { isDim: false, isTurned: false });
    else if (code === "2") look.isDim = true;
    else if (code === "22") look.isDim = false;
    else if (code === "7") look.isTurned = true;
    else if (code === "27") look.isTurned = false;
    // A colour: its own numbers follow.
    else if (code === "38" || code === "48") index += codes[index + 1] === "5" ? 2 : 4;
  }
  return look;
}
