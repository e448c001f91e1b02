import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { type Menu, menuOf } from "./screen.ts";

const MOVED_MS = 150;
const LOOKS = 10;

interface NoticeAnswer {
  terminal: AgentTerminal;
  clock: Clock;
  dialogId: string;
  /** 0 = the first choice. */
  index: number;
  signal?: AbortSignal | undefined;
}

/**
 * Answers by keys a list that only the terminal shows (trust, update). Moves the mark, looks again, and only then confirms.
 * Checks before and after each key, and throws REFUSED if the list has changed or is gone.
 */
export async function answerNotice({ terminal, clock, dialogId, index, signal }: NoticeAnswer): Promise<void> {
  const look = async (): Promise<Menu> => {
    const screen = await terminal.screen(signal === undefined ? {} : { signal });
    const menu = screen === null || !isReadable(screen) ? null : menuOf(screen.rows);
    if (menu === null || menu.dialog.id !== dialogId) throw changed();
    return menu;
  };
  let { marked } = await look();
  for (let tries = 0; marked !== index; tries++) {
    if (tries === LOOKS) throw changed();
    await terminal.press([marked < index ? "Down" : "Up"]);
    await clock.sleep(MOVED_MS, signal);
    ({ marked } = await look());
  }
  await terminal.press(["Enter"]);
}

export const changed = (): AoError =>
  new AoError("REFUSED", "this question is no longer open", { hint: "Run `ao show` to see the current one." });
