import { join } from "node:path";
import { asArgument, asOwnWords as safeWords } from "@agent-orchestrator/agent-kit/launch";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { fileLine } from "@agent-orchestrator/plugin-kit/message";

/** No more than this is typed. A message is never longer, and the program redraws the whole draft for each piece. */
export const MAX_TYPED_BYTES = 96 * 1024;

/** A message that begins with one of these is a command of the program, not its user's text: shell, help, memory, background. */
const COMMAND_SIGN = /^[!?#&/]/;
/** A menu command, perhaps with arguments. A path isn't one. */
const MENU_COMMAND = /^\s*\/[A-Za-z][\w:.-]*(?:\s|$)/;
/** The last tested version in which a blank before the slash turns a command into text. */
const BLANK_HELPS = "2.1.197";
/** These words alone end the program. */
const FAREWELLS = /^(?:exit|quit|:q!?|:wq!?)$/;

/**
 * The text as the user's own words, changed only to keep it from being a command: a leading blank if that is enough, else a backslash
 * before the slash.
 */
export function asOwnWords(text: string, version: string | null): string {
  const clean = cleanMessage(text).trimEnd();
  if (MENU_COMMAND.test(clean) && version !== BLANK_HELPS) return clean.replace("/", "\\/");
  return safeWords(clean, { signs: COMMAND_SIGN, farewells: FAREWELLS });
}

/** A typed tab is the completion key. The program itself turns a pasted tab into four blanks. */
export const asTyped = (words: string): string => words.replaceAll("\t", "    ");

export function asFirstPrompt(config: AgentLaunchConfig): string | undefined {
  if (config.prompt === undefined) return undefined;
  // It comes after `--`. Not looking like an option is an extra safeguard.
  return asArgument(asOwnWords(config.prompt, null), config.promptFile) || undefined;
}

/** The file for a long message, and the line that is typed for it. */
export function asFile(dir: string, id: string, text: string): string {
  const path = join(dir, `${id.replace(/[^A-Za-z0-9_-]/g, "_")}.md`);
  putFile(path, text.endsWith("\n") ? text : `${text}\n`);
  return fileLine(path);
}
