/** The first line of a text, for what needs not be kept whole. */
export function shorten(text: string, max = 200): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  return line === text && line.length <= max ? text : `${line.slice(0, max - 2).trimEnd()} …`;
}

/** Stranger's words as data: each line verbatim behind `> `. */
export function quote(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
