import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { ContentBlock, Plan, SessionUpdate } from "@agentclientprotocol/sdk";
import type { OpenDialog } from "./dialogs.ts";
import { cleanLines, head, wrap } from "./paint.ts";
import { speech } from "./speech.ts";
import type { ToolCall } from "./tool-calls.ts";
import { toolLines } from "./tool-lines.ts";
import { type TranscriptParts, widthOf, wrapped } from "./transcript-parts.ts";
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
  tool(call: ToolCall): void;
  /** What comes until it is over was said before: only its end is shown. */
  replay(isOn: boolean): void;
  dialog(open: OpenDialog): void;
  answered(answer: string): void;
  turnEnded(end: TurnEnd): void;
}

const PROMPT_LINES = 20;
const DIALOG_LINES = 15;

/** So much of what was said before a return is shown again. */
const REPLAY_LINES = 60;

export function transcript(given: TranscriptParts): Transcript {
  let replayed: string[] | null = null;
  const print = (lines: readonly string[]): void => {
    if (replayed === null) given.print(lines);
    else replayed.push(...lines);
  };
  const parts: TranscriptParts = { ...given, print };
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
    prompt: (prompt) => show(promptLines(prompt, parts)),
    update(update) {
      if (update.sessionUpdate === "agent_message_chunk") said.add("message", textOf(update.content), update.messageId);
      if (update.sessionUpdate === "agent_thought_chunk") said.add("thought", textOf(update.content), update.messageId);
      if (update.sessionUpdate === "user_message_chunk") said.add("user", textOf(update.content), update.messageId);
      if (update.sessionUpdate === "current_mode_update") note(`mode: ${update.currentModeId}`);
      if (update.sessionUpdate !== "plan") return;
      const lines = planLines(update);
      if (lines.join("\n") !== plan) show(lines);
      plan = lines.join("\n");
    },
    tool(call) {
      const lines = toolLines(call, paint);
      if (lines.length > 0) show(lines, false);
    },
    dialog: ({ dialog }) => show(dialogLines(dialog, parts)),
    replay(isOn) {
      said.end();
      const before = replayed ?? [];
      replayed = isOn ? [] : null;
      if (isOn || before.length === 0) return;
      const more = before.length - REPLAY_LINES;
      parts.print([
        paint("dim", more > 0 ? `· Earlier (${more} lines before these):` : "· Earlier:"),
        ...before.slice(-REPLAY_LINES),
      ]);
    },
    answered: (answer) => show([paint("yellow", `→ ${answer}`)], false),
    turnEnded({ stop, error }) {
      if (error !== null) show(wrapped(parts, `✘ ${error}`).map((line) => paint("red", line)));
      else if (stop !== "end_turn") show([paint("dim", `■ the turn ended: ${stop.replaceAll("_", " ")}`)]);
      else said.end();
    },
  };
}

function promptLines({ text, from }: Prompt, parts: TranscriptParts): string[] {
  const lines = head(cleanLines(text.trimEnd()), PROMPT_LINES).flatMap((line) => wrap(line, widthOf(parts)));
  const mark = from === "terminal" ? "❯" : "»";
  return lines.map((line, at) => parts.paint("bold", at === 0 ? `${mark} ${line}` : `  ${line}`));
}

function dialogLines(dialog: Dialog, parts: TranscriptParts): string[] {
  const { paint } = parts;
  const text = head(cleanLines(dialog.text), DIALOG_LINES).flatMap((line) => wrap(line, widthOf(parts)));
  return [
    ...text.map((line, at) => paint("yellow", at === 0 ? `? ${line}` : `  ${line}`)),
    ...dialog.choices.map((label, at) => `    ${at + 1}. ${label}`),
    paint("dim", dialog.choices.length > 0 ? "  Type the number of a choice." : "  Type the answer."),
  ];
}

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
