import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { shortDiff } from "./diff.ts";
import { cleanLines, head, type Paint } from "./paint.ts";
import { isOver, type ToolCall } from "./tool-calls.ts";

const OUTPUT_LINES = 6;
const DIFF_LINES = 14;
const LINE_MAX = 160;

/** Kinds that end as soon as they start. Their end is enough. */
const AT_ONCE = new Set(["edit", "read", "search", "delete", "move", "think"]);

/** Shows a call once when it starts to run and once when it has ended, without the many updates in between. */
export function toolLines(call: ToolCall, paint: Paint): string[] {
  const { shown, status } = call;
  if (isOver(status) && !shown.isEnded) {
    shown.isEnded = true;
    return ended(call, paint);
  }
  if (status !== "in_progress" || shown.isBegun || AT_ONCE.has(call.kind)) return [];
  shown.isBegun = true;
  return [paint("cyan", `⚙ ${name(call)}`)];
}

/** The command itself if there is one, and the kind if the title does not have it. */
export function name({ command, title, kind }: Pick<ToolCall, "command" | "title" | "kind">): string {
  const words = command ?? title;
  const [first = "", ...more] = cleanLines(words);
  const line = more.length > 0 ? `${first} …` : first;
  const short = line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line;
  return command !== null || kind === "other" || short.toLowerCase().startsWith(kind) ? short : `${kind}: ${short}`;
}

function ended(call: ToolCall, paint: Paint): string[] {
  const isDone = call.status === "completed";
  const title = paint(isDone ? "green" : "red", `${isDone ? "✔" : "✘"} ${name(call)}`);
  return [title, ...call.content.flatMap((each) => contentLines(each, paint))];
}

function contentLines(content: ToolCallContent, paint: Paint): string[] {
  if (content.type === "diff") {
    const { added, removed, lines } = shortDiff(content.oldText ?? null, content.newText);
    const shown = head(lines.map(clip), DIFF_LINES).map((line) => paint(colourOf(line), `    ${line}`));
    return [paint("dim", `    ${cleanLines(content.path)[0] ?? ""} (+${added} −${removed})`), ...shown];
  }
  if (content.type !== "content" || content.content.type !== "text") return [];
  const lines = cleanLines(unfenced(content.content.text)).map(clip);
  return head(lines, OUTPUT_LINES).map((line) => paint("dim", `    ${line}`));
}

const colourOf = (line: string) => (line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : "dim");

function clip(line: string): string {
  const [clean = ""] = cleanLines(line);
  return clean.length > LINE_MAX ? `${clean.slice(0, LINE_MAX)}…` : clean;
}

/** Some agents wrap output in a code block of Markdown. */
const unfenced = (text: string): string => /^\s*```[^\n]*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text.trim();
