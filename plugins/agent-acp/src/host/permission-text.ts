import { shortDiff } from "./diff.ts";
import { cleanLines, head } from "./paint.ts";
import type { ToolCall } from "./tool-calls.ts";
import { name } from "./tool-lines.ts";

const LINES = 12;

/** What is asked, for a human who sees nothing else: the whole command, or the file and what would change in it. */
export function permissionText(call: ToolCall): string {
  if (call.command !== null) return `May it run this? ${cleanLines(call.command).join("\n")}`;
  const diffs = call.content.flatMap((each) => (each.type === "diff" ? [each] : []));
  const changes = diffs.flatMap(({ path, oldText, newText }) => {
    const { added, removed, lines } = shortDiff(oldText ?? null, newText);
    return [`${path} (+${added} −${removed})`, ...head(lines, LINES)];
  });
  return [`May it do this? ${name(call)}`, ...changes].join("\n");
}
