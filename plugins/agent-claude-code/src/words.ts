import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/text";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { fileLine } from "@agent-orchestrator/plugin-kit/message";

/** The kernel takes at most 128 KiB in one argument. */
const MAX_ARGUMENT_BYTES = 100 * 1024;
/** More than this is not typed: a message has no more, and a draft that the program draws anew for each piece takes its time. */
export const MAX_TYPED_BYTES = 96 * 1024;

/** A message that begins so is a command of the program and no words of its user: shell, help, memory, background. */
const COMMAND_SIGN = /^[!?#&/]/;
/** A menu command, perhaps with words behind it; a path is none. */
const MENU_COMMAND = /^\s*\/[A-Za-z][\w:.-]*(?:\s|$)/;
/** The last version that was tried in which a blank before the slash makes words of a command. */
const BLANK_HELPS = "2.1.197";
/** These alone end the program. */
const FAREWELLS = new Set(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]);

/**
 * The text as the user's own words, unchanged but for what keeps it from being a command: a blank in front where that is enough, else a
 * backslash before the slash.
 */
export function asOwnWords(text: string, version: string | null): string {
  const clean = cleanMessage(text).trimEnd();
  if (FAREWELLS.has(clean.trim())) return `${clean}.`;
  if (MENU_COMMAND.test(clean) && version !== BLANK_HELPS) return clean.replace("/", "\\/");
  return COMMAND_SIGN.test(clean) ? ` ${clean}` : clean;
}

/** A tab that is typed is the key that completes words: the program itself makes four blanks of one that is pasted. */
export const asTyped = (words: string): string => words.replaceAll("\t", "    ");

export function asFirstPrompt(config: AgentLaunchConfig): string | undefined {
  if (config.prompt === undefined) return undefined;
  // It stands behind `--`; that nothing looks like an option is one reason less to worry.
  const words = asOwnWords(config.prompt, null).replace(/^-/, " -");
  if (words === "") return undefined;
  if (Buffer.byteLength(words) <= MAX_ARGUMENT_BYTES || config.promptFile === undefined) return words;
  return fileLine(config.promptFile);
}

/** The file that a long message is put into, and the one line that is typed for it. */
export function asFile(dir: string, id: string, text: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, `${id.replace(/[^A-Za-z0-9_-]/g, "_")}.md`);
  writeFileSync(path, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 });
  return fileLine(path);
}
