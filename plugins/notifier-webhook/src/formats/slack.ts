import type { NotificationLink } from "@agent-orchestrator/core/model/notification";
import { fitted, inert, slackEntities } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, jsonPost, partsOf } from "./format.ts";

/** https://docs.slack.dev/reference/block-kit/blocks: a header has 150 characters, a section 3,000. */
const MAX_HEADER = 150;
const MAX_SECTION = 3_000;
const MAX_BLOCKS = 40;
/** The longest that is shown without "see more". */
const MAX_FALLBACK = 500;

/** An incoming webhook. Plain text is not searched for mentions or links. The text that phones show first is, unless it is escaped. */
export const slack: Format = (notice, { url }) => {
  const { title, text, items, command, links } = partsOf(notice);
  const blocks = [
    { type: "header", text: plain(title, MAX_HEADER) },
    ...(text === "" ? [] : [section(plain(text, MAX_SECTION))]),
    ...sectionsOf(items),
    ...(command === null ? [] : [section(plain(command, MAX_SECTION, String))]),
    ...(links.length === 0 ? [] : [section({ type: "mrkdwn", text: linksText(links), verbatim: true })]),
  ];
  const fallback = fitted(`${title}: ${text}`, { max: MAX_FALLBACK, write: escaped });
  return jsonPost(url, { text: fallback, mrkdwn: false, unfurl_links: false, unfurl_media: false, blocks });
};

/** As many blocks as it takes. A message has 50. */
function sectionsOf(items: readonly string[]): object[] {
  const blocks: string[] = [];
  for (const item of items.map((one) => fitted(one, { max: MAX_SECTION }))) {
    const longer = [...blocks.slice(-1), item].join("\n");
    if (blocks.length > 0 && longer.length <= MAX_SECTION) blocks[blocks.length - 1] = longer;
    else blocks.push(item);
  }
  return blocks.slice(0, MAX_BLOCKS).map((text) => section({ type: "plain_text", text, emoji: true }));
}

const plain = (text: string, max: number, write = inert) => ({
  type: "plain_text",
  text: fitted(text, { max, write }),
  emoji: true,
});

const section = (text: object) => ({ type: "section", text });

const escaped = (text: string): string => slackEntities(inert(text));

/** All of it is ours. Addresses beyond the limit are left out. */
function linksText(links: readonly NotificationLink[]): string {
  const all = links.map(({ label, url }) => `<${slackEntities(url)}|${escaped(label).replaceAll("|", "/")}>`);
  const fitting = all.filter((_, index) => all.slice(0, index + 1).join(" · ").length <= MAX_SECTION);
  return fitting.join(" · ");
}
