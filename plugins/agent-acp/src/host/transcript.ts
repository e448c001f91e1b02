import type { ContentBlock, Plan, SessionUpdate } from "@agentclientprotocol/sdk";
import type { OpenDialog } from "./dialogs.ts";
import { cleanLines, head, type Paint, wrap } from "./paint.ts";
import type { ToolCall } from "./tool-calls.ts";
import { toolLines } from "./tool-lines.ts";
import type { Prompt, TurnEnd } from "./turns.ts";

/** Writes down for a human what goes on, line by line. */
export interface Transcript {
  header(text: string): void;
  /** A remark of the host's own. */
  note(text: string): void;
  /** What the agent prints beside the protocol. */
  noise(line: string): void;
  prompt(prompt: Prompt): void;
  /** Everything but tool calls. */
  update(update: SessionUpdate): void;
  tool(call: ToolCall, before: ToolCall | null): void;
  dialog(open: OpenDialog): void;
  answered(answer: string): void;
  turnEnded(end: TurnEnd): void;
}

export interface TranscriptParts {
  print(lines: readonly string[]): void;
  /** Columns of the terminal. */
  width(): number;
  paint: Paint;
}

const PROMPT_LINES = 20;
const MAX_WIDTH = 110;
const DIALOG_LINES = 15;

type Voice = "message" | "thought";

export function transcript(parts: TranscriptParts): Transcript {
  const { paint } = parts;
  const said = speech(parts);
  let plan = "";
  const show = (lines: readonly string[], isApart = true): void => {
    said.end();
    parts.print(isApart ? ["", ...lines] : lines);
  };
  const note = (text: string): void =>
    show(
      wrapped(parts, text).map((line) => paint("dim", `· ${line}`)),
      false,
    );

  return {
    header: (text) => show([paint("bold", text), paint("dim", "─".repeat(Math.min(parts.width(), 60)))], false),
    note,
    noise(line) {
      const [clean = ""] = cleanLines(line);
      if (clean.trim() !== "") show([paint("dim", `│ ${clean.slice(0, 400)}`)], false);
    },
    prompt({ text, from }) {
      const lines = head(cleanLines(text.trimEnd()), PROMPT_LINES).flatMap((line) => wrap(line, widthOf(parts)));
      const mark = from === "terminal" ? "❯" : "❯ (ao)";
      show(lines.map((line, at) => paint("bold", at === 0 ? `${mark} ${line}` : `  ${line}`)));
    },
    update(update) {
      if (update.sessionUpdate === "agent_message_chunk") said.add("message", textOf(update.content), update.messageId);
      if (update.sessionUpdate === "agent_thought_chunk") said.add("thought", textOf(update.content), update.messageId);
      if (update.sessionUpdate === "user_message_chunk") said.add("message", `> ${textOf(update.content)}`, "user");
      if (update.sessionUpdate === "current_mode_update") note(`mode: ${update.currentModeId}`);
      if (update.sessionUpdate !== "plan") return;
      const lines = planLines(update);
      if (lines.join("\n") !== plan) show(lines);
      plan = lines.join("\n");
    },
    tool(call, before) {
      const lines = toolLines(call, before, paint);
      if (lines.length > 0) show(lines, false);
    },
    dialog({ dialog }) {
      const text = head(cleanLines(dialog.text), DIALOG_LINES).flatMap((line) => wrap(line, widthOf(parts)));
      const how = dialog.choices.length > 0 ? "Type the number of a choice." : "Type the answer.";
      show([
        ...text.map((line, at) => paint("yellow", at === 0 ? `? ${line}` : `  ${line}`)),
        ...dialog.choices.map((label, at) => `    ${at + 1}. ${label}`),
        paint("dim", `  ${how}`),
      ]);
    },
    answered: (answer) => show([paint("yellow", `→ ${answer}`)], false),
    turnEnded({ stop, error }) {
      if (error !== null)
        show(wrapped(parts, error).map((line, at) => paint("red", at === 0 ? `✘ ${line}` : `  ${line}`)));
      else if (stop !== "end_turn") show([paint("dim", `■ the turn ended: ${stop.replaceAll("_", " ")}`)]);
      else said.end();
    },
  };
}

const widthOf = ({ width }: TranscriptParts): number => Math.max(20, Math.min(width(), MAX_WIDTH) - 2);
const wrapped = (parts: TranscriptParts, text: string): string[] =>
  cleanLines(text).flatMap((line) => wrap(line, widthOf(parts)));

function textOf(content: ContentBlock): string {
  if (content.type === "text") return content.text;
  if (content.type === "resource_link") return `[${content.name}]`;
  return `[${content.type}]`;
}

const MARKS: Record<string, string> = { pending: "☐", in_progress: "◐", completed: "☑" };

const planLines = ({ entries }: Plan): string[] => [
  "Plan",
  ...entries.map(({ content, status }) => `  ${MARKS[status] ?? "☐"} ${cleanLines(content)[0] ?? ""}`),
];

/** What the agent says comes in pieces: whole lines are printed as they are complete, the rest at the end. */
function speech(parts: TranscriptParts) {
  let voice: Voice | null = null;
  let message: string | null = null;
  let pending = "";
  let isFirst = true;

  function print(text: string): void {
    if (text.trim() === "" && isFirst) return;
    const lines = cleanLines(text).flatMap((line) => wrap(line, widthOf(parts)));
    const marked = lines.map((line, at) => (at === 0 && isFirst ? (voice === "thought" ? "✻ " : "● ") : "  ") + line);
    const out = marked.map((line) => (voice === "thought" ? parts.paint("dim", line) : line.trimEnd()));
    parts.print(isFirst ? ["", ...out] : out);
    isFirst = false;
  }

  function end(): void {
    if (pending !== "") print(pending);
    pending = "";
    voice = null;
    isFirst = true;
  }

  return {
    end,
    add(by: Voice, text: string, id: string | null | undefined) {
      if (voice !== by || (id ?? null) !== message) {
        end();
        voice = by;
        message = id ?? null;
      }
      pending += text;
      const whole = pending.lastIndexOf("\n") + 1;
      if (whole === 0) return;
      print(pending.slice(0, whole - 1));
      pending = pending.slice(whole);
    },
  };
}
