import { readFile } from "node:fs/promises";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { changeRecord, readRecord } from "../launch/record.ts";
import { typed } from "../screen/typed.ts";
import { handOver } from "./hand-over.ts";
import type { Reached, ReachOptions } from "./reach.ts";

/** Not the id of one of our messages. */
const PREFIX = "first-prompt-";
export const isFirstPrompt = (messageId: string): boolean => messageId.startsWith(PREFIX);

const underWay = new Map<string, Promise<void>>();

/**
 * Sends the launch's own prompt before any other message. It is sent once, whoever asks, and by the next daemon if this one is killed
 * before that.
 */
export function handFirstPrompt(session: Session, reached: Reached, options: ReachOptions): Promise<void> {
  const known = underWay.get(session.sessionDir);
  if (known !== undefined) return known;
  const handed = hand(session, reached, options).finally(() => underWay.delete(session.sessionDir));
  underWay.set(session.sessionDir, handed);
  return handed;
}

async function hand(session: Session, reached: Reached, { clock, signal }: ReachOptions): Promise<void> {
  const record = readRecord(session.sessionDir);
  if (record === null || record.promptFile === null) return;
  const message = { id: firstPromptId(record.launch), text: await readFile(record.promptFile, "utf8") };
  const mayGo = async (): Promise<boolean> => true;
  await handOver(reached, { session, message, clock, signal, mayGo, isPrompt: true, onPost: () => undefined });
  changeRecord(session.sessionDir, { promptFile: null });
}

/** Types it into the empty box of the start page if the server is not available. */
export async function typeFirstPrompt(session: Session, terminal: AgentTerminal, signal: AbortSignal): Promise<void> {
  const record = readRecord(session.sessionDir);
  if (record === null || record.promptFile === null) return;
  const message = { id: firstPromptId(record.launch), text: await readFile(record.promptFile, "utf8") };
  const { outcome } = await typed({ message, terminal, signal });
  if (outcome !== "deferred") changeRecord(session.sessionDir, { promptFile: null });
}

const firstPromptId = (launch: number | null): string => `${PREFIX}${launch ?? 0}`;
