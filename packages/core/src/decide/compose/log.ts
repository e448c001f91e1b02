const MAX_LINES = 60;
const MAX_CHARS = 8192;
const MAX_LINE = 400;

/** The end of a log, where the failure is: at most 60 lines and 8 KiB. */
export function boundLog(log: string): string {
  const lines = log.replace(/\s+$/, "").split("\n");
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.slice(-MAX_LINES).reverse()) {
    const cut = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
    if (size + cut.length + 1 > MAX_CHARS) break;
    size += cut.length + 1;
    kept.unshift(cut);
  }
  return kept.join("\n");
}
