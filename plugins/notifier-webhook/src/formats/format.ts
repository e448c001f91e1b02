import type { NotificationDocument, NotificationLink } from "@agent-orchestrator/core/model/notification";
import { type Fitting, fitted, MARKS } from "@agent-orchestrator/plugin-kit/chat-text";
import { isLoopbackHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { line } from "@agent-orchestrator/plugin-kit/notice";

/** Where and as whom a notice is sent. */
export interface Target {
  url: string;
  token?: string | undefined;
  chat?: string | number | undefined;
}

/** One POST, apart from the headers of the config. */
export interface Wire {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The notice as a service wants it. Computes only. */
export type Format = (notice: NotificationDocument, target: Target) => Wire;

export const jsonPost = (url: string, body: unknown, headers: Record<string, string> = {}): Wire => ({
  url,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** The parts of a notice, as every chat shows them. Their texts are strangers', still unescaped. */
export interface Parts {
  title: string;
  /** The question, if there is one, because the message only repeats it. */
  text: string;
  /** The choices (`1. …`), or several notices (`• …`). */
  items: string[];
  /** They are notices, and the text is at most `MAX_HEAD` characters. */
  isList: boolean;
  /** Ours. */
  command: string | null;
  /** Ours. Without those that only this machine can open. */
  links: NotificationLink[];
}

/** As it is written: each character may be escaped and get a joiner. */
export const MAX_HEAD = 150;

export function partsOf(notice: NotificationDocument): Parts {
  const { priority, title, message, question, command, links } = notice;
  const asked = question?.text ?? "";
  const several = noticesIn(notice);
  const isList = several.length > 0;
  return {
    title: `${MARKS[priority]} ${title}`,
    text: isList ? line(message.split(": ")[0] ?? "", MAX_HEAD / 3) : asked === "" ? message : asked,
    items: isList ? several : (question?.choices ?? []).map((choice, index) => `${index + 1}. ${choice}`),
    isList,
    command,
    links: links.filter(({ url }) => !isLoopbackHost(new URL(url).hostname)),
  };
}

/** The messages of what core has put into one notice. */
function noticesIn({ data }: NotificationDocument): string[] {
  const notices = Array.isArray(data.notices) ? (data.notices as unknown[]) : [];
  return notices.flatMap((one) => {
    const { message } = (one ?? {}) as { message?: unknown };
    return typeof message === "string" ? [`• ${line(message, 300)}`] : [];
  });
}

/** Lines as long as they fit together. The rest is only counted. */
export function fittedLines(lines: readonly string[], { max, size = (one) => one.length }: Fitting): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += size(line) + 1;
    if (used > max) return [...kept, "…"];
    kept.push(line);
  }
  return kept;
}

/** The most bytes of the text, of all items (those of a list get the text's room as well) and of one item. */
export interface ByteLimits {
  text: number;
  items: number;
  item: number;
}

/** The text and the items as lines, for a service that counts bytes. */
export function linesInBytes({ text, items, isList }: Parts, most: ByteLimits): string[] {
  const bytes = (max: number): Fitting => ({ max, size: utf8Size });
  const room = isList ? most.text - MAX_HEAD + most.items : most.items;
  return [
    fitted(text, bytes(most.text)),
    ...fittedLines(
      items.map((item) => fitted(item, bytes(most.item))),
      bytes(room),
    ),
  ];
}

export const utf8Size = (text: string): number => Buffer.byteLength(text);
