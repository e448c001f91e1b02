import type { NotificationDocument, NotificationLink } from "@agent-orchestrator/core/model/notification";
import { isLoopbackHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { inert } from "@agent-orchestrator/plugin-kit/inert";
import { line } from "@agent-orchestrator/plugin-kit/notice";

export { inert };

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

/** The priority at a glance. */
export const MARKS: Readonly<Record<NotificationDocument["priority"], string>> = {
  urgent: "\u{1F534}",
  action: "\u{1F7E1}",
  warning: "\u{1F7E0}",
  info: "\u{1F535}",
};

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

export interface Fitting {
  max: number;
  /** How it is written there. Default: as inert text. */
  write?: (text: string) => string;
  /** Default: UTF-16 units. */
  size?: (text: string) => number;
}

/** The longest beginning of a stranger's text, with `…`, that is not too long once it is written. */
export function fitted(text: string, { max, write = inert, size = (one) => one.length }: Fitting): string {
  const whole = write(text);
  if (size(whole) <= max) return whole;
  let [low, high] = [0, text.length];
  const beginning = (length: number) => `${write(text.slice(0, length).replace(/[\ud800-\udbff]$/, ""))}…`;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (size(beginning(middle)) <= max) low = middle;
    else high = middle - 1;
  }
  return low === 0 && size("…") > max ? "" : beginning(low);
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
