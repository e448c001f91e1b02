import { alarm } from "@agent-orchestrator/agent-kit/alarm";
import { screenDialogId } from "@agent-orchestrator/agent-kit/answers";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import type { Ask, Signals } from "../signals.ts";
import { whatOf } from "../transcript/fold.ts";
import type { Look, ScreenReader } from "./reader.ts";
import type { ScreenDialog } from "./screen.ts";

const Question = z.looseObject({
  question: z.string(),
  multiSelect: z.boolean().optional(),
  options: z.array(z.looseObject({ label: z.string(), description: z.string().optional() })).catch([]),
});
export type Question = z.infer<typeof Question>;
const Questions = z.looseObject({ questions: z.array(Question).min(1) });

const MAX_TEXT = 2_000;

/** Null if it is not a question tool. */
export function questionsOf(ask: Ask): Question[] | null {
  if (ask.tool !== "AskUserQuestion") return null;
  const parsed = Questions.safeParse(ask.input);
  return parsed.success ? parsed.data.questions : null;
}

export const askId = (ask: Ask): string => `ask-${ask.pid}-${Math.round(ask.atMs)}`;

/**
 * The dialog of a waiting request. The choices of a permission are those on the screen. "no screen": there is none, and its hook accepts
 * yes and no. Null if it could not be read yet. Choices of our own would be numbered differently from those in the terminal.
 */
export function dialogOfAsk(ask: Ask, seen: ScreenDialog | "no screen" | null): Dialog {
  const questions = questionsOf(ask);
  const id = askId(ask);
  if (questions !== null) return { id, kind: "question", ...asked(questions), canAlways: false };
  const dialog = { id, kind: "permission", text: permissionText(ask) } as const;
  const canAlways = ask.suggestions.length > 0;
  if (seen === "no screen") return { ...dialog, choices: ["Yes", "No"], takesText: true, canAlways };
  const choices = seen === null ? [] : seen.choices.map(({ label }) => cleanForTerminal(label));
  if (choices.length >= 2) return { ...dialog, choices, takesText: true, canAlways };
  return { ...dialog, choices: [], takesText: false, canAlways: false, onlyInTerminal: UNREADABLE };
}

const UNREADABLE = "its choices cannot be read from the screen";

function asked(questions: Question[]): Pick<Dialog, "text" | "choices" | "takesText"> {
  const [first] = questions;
  const lines = questions.map(({ question, options, multiSelect }) => {
    const labels = options.map(({ label }) => label).join(" | ");
    const many = multiSelect === true ? " (one or several)" : "";
    return questions.length === 1 ? `${question}${many}` : `${question}${many} [${labels}]`;
  });
  if (questions.length > 1) lines.push("Answer with one line for each question.");
  return {
    text: cleanForTerminal(lines.join("\n")).slice(0, MAX_TEXT),
    choices: questions.length === 1 ? (first?.options ?? []).map(({ label }) => cleanForTerminal(label)) : [],
    takesText: true,
  };
}

function permissionText({ tool, input }: Ask): string {
  const description = (input as { description?: unknown } | null)?.description;
  const what = whatOf(input);
  const note = typeof description === "string" && description !== what ? ` (${oneLine(description)})` : "";
  return cleanForTerminal(`${tool}${what === "" ? "" : `: ${what}`}${note}`).slice(0, MAX_TEXT);
}

/** A dialog of the program itself, known only from the screen. */
export function dialogOfScreen(seen: ScreenDialog, why: string): Dialog {
  const choices = seen.choices.map(({ label }) => cleanForTerminal(label));
  const text = cleanForTerminal(seen.text).slice(-MAX_TEXT) || why;
  return {
    id: screenDialogId(text, choices),
    kind: "notice",
    text,
    choices,
    takesText: false,
    ...(/Let's get started/.test(text)
      ? { onlyInTerminal: "Claude Code was never set up here" }
      : choices.length === 0
        ? { onlyInTerminal: UNREADABLE }
        : {}),
  };
}

/** What is open now: the oldest waiting request, else what the screen shows. */
export function dialogFrom({ asks, status }: Signals, look: Look): Dialog | null {
  const [ask] = asks;
  const shown = look === null || look === "no screen" ? look : look.dialog;
  if (ask !== undefined) return dialogOfAsk(ask, shown);
  if (shown === null || shown === "no screen") return null;
  return dialogOfScreen(shown, status?.waitingFor ?? "a dialog");
}

export interface OpenDialogOptions {
  screen: ScreenReader;
  clock: Clock;
  signal: AbortSignal;
  signals(): Signals;
  onRead(dialog: Dialog): void;
}

/** How long to try to read a dialog. It is drawn late on a busy machine, and after a restart the screen is not available at once. */
const AGAIN_MS = 1_000;
/** The status file says that it waits a moment before the hook says what for. */
const HOOK_MS = 1_000;
/** A background subagent's question is not drawn anywhere (2.1.197, 2.1.332). After this time only its hook can be answered. */
const UNDRAWN_MS = 3_000;

/** Reads the open dialog from the screen, and retries until it can. A later, worse reading does not replace it. */
export function openDialog({ screen, clock, signal, signals, onRead }: OpenDialogOptions): { look(): void } {
  const again = alarm(clock, signal, () => void read());
  const isOpen = (): boolean => signals().status?.state === "waiting" || signals().asks.length > 0;

  function isUndrawn(look: Look): boolean {
    const [ask] = signals().asks;
    if (ask === undefined || look === null || look === "no screen" || look.dialog !== null) return false;
    return ["box", "working"].includes(look.shows) && clock.now() - ask.atMs >= UNDRAWN_MS;
  }

  async function read(): Promise<void> {
    const look = await screen.dialog(isOpen);
    if (signal.aborted || !isOpen()) return;
    const { asks, status } = signals();
    const hookMs = status === null || asks.length > 0 ? 0 : status.sinceMs + HOOK_MS - clock.now();
    if (hookMs > 0) return again.atLatest(hookMs);
    const dialog = dialogFrom(signals(), isUndrawn(look) ? "no screen" : look);
    const known = signals().dialog;
    const isWorse = dialog?.onlyInTerminal !== undefined && known?.id === dialog.id;
    if (dialog !== null && !isWorse) onRead(dialog);
    const now = isWorse ? known : dialog;
    if (look !== "no screen" && (now === null || now?.onlyInTerminal !== undefined)) again.atLatest(AGAIN_MS);
  }

  return { look: () => void read() };
}
