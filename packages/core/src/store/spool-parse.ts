const KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Parses a spool file: a JSON object, or key=value lines. Returns a description of what is wrong with anything else. */
export function parseSpooled(bytes: Buffer): { fields: Record<string, unknown> } | string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Described below.
    return "it is not UTF-8 text";
  }
  if (text.includes("\0")) return "it has NUL bytes";
  if (text.trim() === "") return "it is empty";
  return text.trimStart().startsWith("{") ? parseJson(text) : parseLines(text);
}

function parseJson(text: string): { fields: Record<string, unknown> } | string {
  try {
    // It starts with a brace, so it is an object or not JSON at all.
    return { fields: JSON.parse(text) as Record<string, unknown> };
  } catch {
    // The parser's message would quote the file.
    return "it is not valid JSON";
  }
}

function parseLines(text: string): { fields: Record<string, unknown> } | string {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const split = line.indexOf("=");
    const key = line.slice(0, Math.max(0, split));
    if (!KEY.test(key)) return "it is neither a JSON object nor key=value lines";
    fields.set(key, line.slice(split + 1));
  }
  return fields.size === 0 ? "it is empty" : { fields: Object.fromEntries(fields) };
}
