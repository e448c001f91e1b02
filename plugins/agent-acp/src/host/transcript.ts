import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { ContentBlock, Plan, SessionUpdate } from "@agentclientprotocol/sdk";
import type { OpenDialog } from "./dialogs.ts";
import { cleanLines, head, type Paint, wrap } from "./paint.ts";
import { speech, type TranscriptParts, type Voice, widthOf, wrapped } from "./speech.ts";
import type { ToolCall } from "./tool-calls.ts";
import { toolLines } from "./tool-lines.ts";
import type { Prompt, TurnEnd } from "./turns.ts";

/** Writes a transcript for the user, line by line. */
export interface Transcript {
  header(text: string): void;
  /** A remark from the host itself. */
  note(text: string): void;
  /** What the agent prints outside the protocol. */
  noise(line: string): void;
  prompt(prompt: Prompt): void;
  /** Everything but tool calls. */
  update(update: SessionUpdate): void;
  tool(call: ToolCall): void;
  /** What arrives until it is over is a replay. Only its end is shown. */
  replay(isOn: boolean): void;
  dialog(open: OpenDialog): void;
  answered(answer: string): void;
  turnEnded(end: TurnEnd): void;
}

const VOICES_OF = {
  agent_message_chunk: "message",
  agent_thought_chunk: "thought",
  user_message_chunk: "user",
} as const satisfies Record<string, Voice>;
type Chunk = Extract<SessionUpdate, { sessionUpdate: keyof typeof VOICES_OF }>;
const isChunk = (update: SessionUpdate): update is Chunk => update.sessionUpdate in VOICES_OF;

const PROMPT_LINES = 20;
const DIALOG_LINES = 15;

/** How much of the conversation before a resume is shown again. */
const REPLAY_LINES = 60;

export function transcript(given: TranscriptParts): Transcript {
  let replayed: string[] | null = null;
  let hasPrinted = false;
  const print = (lines: readonly string[]): void => {
    if (replayed === null) given.print(lines);
    else replayed.push(...lines);
    hasPrinted = true;
  };
  const parts: TranscriptParts = { ...given, print };
  const { paint } = parts;
  const said = speech(parts);
  let plan = "";
  const beside = (lines: readonly string[]): void => {
    said.end();
    print(lines);
  };
  const apart = (lines: readonly string[]): void => beside(hasPrinted ? ["", ...lines] : lines);
  const note = (text: string): void => beside(wrapped(parts, `· ${text}`).map((line) => paint("dim", line)));

  return {
    header: (text) => apart([paint("bold", text), paint("dim", "─".repeat(Math.min(parts.width(), 60)))]),
    note,
    noise(line) {
      const [clean = ""] = cleanLines(line);
      if (clean.trim() !== "") beside([paint("dim", `│ ${clean.slice(0, 400)}`)]);
    },
    prompt: (prompt) => apart(promptLines(prompt, parts)),
    update(update) {
      if (isChunk(update)) said.add(VOICES_OF[update.sessionUpdate], textOf(update.content), update.messageId);
      if (update.sessionUpdate === "current_mode_update") note(`mode: ${update.currentModeId}`);
      if (update.sessionUpdate !== "plan") return;
      const lines = planLines(update);
      if (lines.join("\n") !== plan) apart(lines);
      plan = lines.join("\n");
    },
    tool(call) {
      const lines = toolLines(call, paint);
      if (lines.length > 0) beside(lines);
    },
    dialog: ({ dialog }) => apart(dialogLines(dialog, parts)),
    replay(isOn) {
      said.end();
      const lines = replayed ?? [];
      replayed = isOn ? [] : null;
      if (!isOn && lines.length > 0) print(earlier(lines, paint));
    },
    answered: (answer) => beside([paint("yellow", `→ ${answer}`)]),
    turnEnded({ stop, error }) {
      if (error !== null) apart(wrapped(parts, `✘ ${error}`).map((line) => paint("red", line)));
      else if (stop !== "end_turn") apart([paint("dim", `■ the turn ended: ${stop.replaceAll("_", " ")}`)]);
      else said.end();
    },
  };
}

function earlier(lines: readonly string[], paint: Paint): string[] {
  const more = lines.length - REPLAY_LINES;
  return [
    paint("dim", more > 0 ? `· Earlier (${more} lines before these):` : "· Earlier:"),
    ...lines.slice(-REPLAY_LINES),
  ];
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
