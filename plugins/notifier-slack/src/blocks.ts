import { fitted, inert, slackEntities } from "@agent-orchestrator/plugin-kit/chat-text";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from "@slack/types";

export type { Button, KnownBlock, PlainTextElement };

/** https://docs.slack.dev/reference/block-kit/blocks */
export const MAX = {
  blocks: 50,
  header: 150,
  section: 3_000,
  buttons: 25,
  buttonText: 75,
  value: 2_000,
  confirmText: 300,
  /** The longest that is shown without "see more". */
  fallback: 500,
} as const;

/** A stranger's text, on one line: nothing in it is a mention, a link, an emoji or a format. */
export const plain = (text: string, max: number): PlainTextElement => ready(fitted(line(text, max), { max }));

/** The same for lines of their own. */
export const plainLines = (texts: readonly string[], max: number): PlainTextElement =>
  ready(fitted(texts.map((text) => inert(line(text, max))).join("\n"), { max, write: String }));

/** A text that is inert already. Slack refuses an empty one. */
export const ready = (text: string): PlainTextElement => ({ type: "plain_text", text: text || "–", emoji: false });

/** Ours, with what Slack makes of it. */
export const marked = (text: string): MrkdwnElement => ({ type: "mrkdwn", text, verbatim: true });

export const header = (text: string): HeaderBlock => ({ type: "header", text: plain(text, MAX.header) });

export const section = (text: PlainTextElement | MrkdwnElement): SectionBlock => ({ type: "section", text });

export const context = (...elements: (PlainTextElement | MrkdwnElement)[]): ContextBlock => ({
  type: "context",
  elements,
});

export const actionsBlock = (id: string, elements: Button[]): ActionsBlock => ({
  type: "actions",
  block_id: id,
  elements,
});

/** What is read where there are no blocks: phones' banners, screen readers. It is searched for mentions, so these are escaped. */
export const fallback = (text: string): string =>
  fitted(line(text, MAX.fallback), { max: MAX.fallback, write: (one) => slackEntities(inert(one)) });

export const link = ({ url, label }: { url: string; label: string }): string =>
  `<${slackEntities(url)}|${slackEntities(inert(line(label, 100))).replaceAll("|", "/")}>`;
