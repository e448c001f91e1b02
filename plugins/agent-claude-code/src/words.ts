import { join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { fileLine } from "@agent-orchestrator/plugin-kit/message";

/** The kernel accepts at most 128 KiB in one argument. */
const MAX_ARGUMENT_BYTES = 100 * 1024;
/** No more than this is typed. A message is never longer, and the program redraws the whole draft for each piece. */
export const MAX_TYPED_BYTES = 96 * 1024;

/** A message that begins with one of these is a command of the program, not its user's text: shell, help, memory, background. */
const COMMAND_SIGN = /^[!?#&/]/;
/** A menu command, perhaps with arguments. A path isn't one. */
const MENU_COMMAND = /^\s*\/[A-Za-z][\w:.-]*(?:\s|$)/;
/** The last tested version in which a blank before the slash turns a command into text. */
const BLANK_HELPS = "2.1.197";
/** These words alone end the program. */
const FAREWELLS = new Set(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]);

/**
 * The text as the user's own words, changed only to keep it from being a command: a leading blank if that is enough, else a backslash
 * before the slash.
 */
export function asOwnWords(text: string, version: string | null): string {
  const clean = cleanMessage(text).trimEnd();
  if (FAREWELLS.has(clean.trim())) return `${clean}.`;
  if (MENU_COMMAND.test(clean) && version !== BLANK_HELPS) return clean.replace("/", "\\/");
  return COMMAND_SIGN.test(clean) ? ` ${clean}` : clean;
}

/** A typed tab is the completion key. The program itself turns a pasted tab into four blanks. */
export const asTyped = (words: string): string => words.replaceAll("\t", "    ");

export function asFirstPrompt(config: AgentLaunchConfig): string | undefined {
  if (config.prompt === undefined) return undefined;
  // It comes after `--`. Not looking like an option is an extra safeguard.
  const words = asOwnWords(config.prompt, null).replace(/^-/, " -");
  if (words === "") return undefined;
  if (Buffer.byteLength(words) <= MAX_ARGUMENT_BYTES || config.promptFile === undefined) return words;
  return fileLine(config.promptFile);
}

/** The file for a long message, and the line that is typed for it. */
export function asFile(dir: string, id: string, text: string): string {
  const path = join(dir, `${id.replace(/[^A-Za-z0-9_-]/g, "_")}.md`);
  putFile(path, text.endsWith("\n") ? text : `${text}\n`);
  return fileLine(path);
}
