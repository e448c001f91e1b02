import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PasteWay } from "@agent-orchestrator/plugin-kit/message";
import { command, inTurn, when } from "./command-quoting.ts";

export interface MessageCommand {
  paneId: string;
  id: string;
  text: string;
  way: PasteWay;
  /** The program has bracketed paste on, so tmux writes the brackets itself. */
  isBracketed: boolean;
}

const FORCED = { open: ["1b", "5b", "32", "30", "30", "7e"], close: ["1b", "5b", "32", "30", "31", "7e"] };

/**
 * One command list that the server runs as a whole. It checks whether this id was written before, leaves copy mode (where tmux
 * would paste without brackets, and a key would go to copy mode), pastes, and notes the id on the pane. Prints `written`, `already`
 * or `dead`. Fails if there is no such pane. The test for a dead pane is vital: pasting into one crashes tmux 3.3a.
 */
export function messageCommand({ paneId, id, text, way, isBracketed }: MessageCommand): string {
  const noted = noteOf(id);
  const write = inTurn(
    command("copy-mode", "-q", "-t", paneId),
    ...pasteCommands({ paneId, text, way, isBracketed, buffer: `ao-${optionName(id)}` }),
    command("set-option", "-p", "-t", paneId, noted, "1"),
    say("written"),
  );
  const fresh = when(paneId, `#{${noted}}`, { yes: say("already"), no: write });
  return inTurn(
    command("set-option", "-p", "-t", paneId, "@ao_last_msg", id),
    when(paneId, "#{pane_dead}", { yes: say("dead"), no: fresh }),
  );
}

function pasteCommands(what: Omit<MessageCommand, "id"> & { buffer: string }): string[] {
  const { paneId, text, way, isBracketed, buffer } = what;
  // The Enter is a line feed, which tmux turns into CR. Unlike a key it needs no key table, and tmux 3.7 leaves it alone.
  const enter = [
    command("set-buffer", "-b", "ao-enter", "\n"),
    command("paste-buffer", "-d", "-b", "ao-enter", "-t", paneId),
  ];
  if (text === "") return enter;
  const fill = command("set-buffer", "-b", buffer, "--", text);
  if (way !== "bracketed") return [fill, command("paste-buffer", "-d", "-b", buffer, "-t", paneId), ...enter];
  const paste = command("paste-buffer", "-p", "-r", "-d", "-b", buffer, "-t", paneId);
  if (isBracketed) return [fill, paste, ...enter];
  const mark = (bytes: string[]): string => command("send-keys", "-H", "-t", paneId, ...bytes);
  return [mark(FORCED.open), fill, paste, mark(FORCED.close), ...enter];
}

export const say = (what: string): string => command("display-message", "-p", what);

/** The pane's note that a message was written, or at least started. */
export const noteOf = (id: string): string => `@ao_m_${optionName(id)}`;

function optionName(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id))
    throw new AoError("USAGE", "a message's id must consist of letters, digits, - and _");
  return id;
}
