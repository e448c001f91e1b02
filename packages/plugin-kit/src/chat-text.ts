import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";

/** The priority at a glance. */
export const MARKS: Readonly<Record<NotificationDocument["priority"], string>> = {
  urgent: "\u{1F534}",
  action: "\u{1F7E1}",
  warning: "\u{1F7E0}",
  info: "\u{1F535}",
};

/** One of Unicode's joiners. It is not shown, and no client takes what it is in for a link or a mention. */
const JOINER = "\u2060";

/**
 * A stranger's text in which clients that look for links, mentions, channels and emoji on their own find none: `https://`, `evil.com`,
 * `@everyone`, `<!channel>`, `#general`, `/command`, `:tada:`. It looks the same.
 */
export const inert = (text: string): string =>
  text
    .replace(/:(?=\S)/g, `:${JOINER}`)
    .replace(/(?<=[\p{L}\p{N}\p{M}_-])([.\u3002\uff0e\uff61])(?=[\p{L}\p{N}])/gu, `$1${JOINER}`)
    .replace(/[<@#\uff20\uff03\\]/g, `$&${JOINER}`)
    .replace(/(?<![^\s([{"'])\/(?=\S)/g, `/${JOINER}`);

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

/** https://docs.slack.dev/messaging/formatting-message-text: these three, and nothing else. */
export const slackEntities = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
