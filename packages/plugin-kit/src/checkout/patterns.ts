/** One line of a list of patterns, as in a `.gitignore`: `*`, `**`, `?`, `[…]`; a slash inside anchors it at the top. */
export interface Pattern {
  isNegative: boolean;
  matches(path: string): boolean;
}

export function parsePatterns(lines: readonly string[]): Pattern[] {
  return lines.flatMap((line) => {
    const text = line.replace(/\s+$/, "");
    if (text === "" || text.startsWith("#")) return [];
    const isNegative = text.startsWith("!");
    const regex = toRegex(isNegative ? text.slice(1) : text);
    return [{ isNegative, matches: (path: string) => regex.test(path) }];
  });
}

/** The last pattern that matches decides. A pattern for a folder matches all below it. */
export function isSelected(patterns: readonly Pattern[], path: string): boolean {
  const last = patterns.findLast((pattern) => pattern.matches(path));
  return last !== undefined && !last.isNegative;
}

function toRegex(pattern: string): RegExp {
  const body = pattern.replace(/^\//, "").replace(/\/$/, "");
  const isAnchored = pattern.startsWith("/") || body.includes("/");
  const isFolder = pattern.endsWith("/");
  return new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${translate(body)}${isFolder ? "/.*" : "(?:/.*)?"}$`, "s");
}

function translate(body: string): string {
  const tokens = body.match(/\*\*\/|\/\*\*$|\*+|\?|\[!?\]?[^\]/]*\]|\\.|[^*?[\\]+|[[\\]/gs) ?? [];
  return tokens.map(translateToken).join("");
}

function translateToken(token: string): string {
  if (token === "**/") return "(?:.*/)?";
  if (token === "/**") return "/.*";
  if (/^\*+$/.test(token)) return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 2 && token.startsWith("[")) {
    const isNot = token[1] === "!" || token[1] === "^";
    const set = token
      .slice(isNot ? 2 : 1, -1)
      .replaceAll("\\", "\\\\")
      .replaceAll("]", "\\]")
      .replaceAll("[", "\\[");
    return `[${isNot ? "^/" : ""}${set}]`;
  }
  return (token.startsWith("\\") && token.length === 2 ? token.slice(1) : token).replaceAll(
    /[.+^${}()|[\]\\/]/g,
    "\\$&",
  );
}
