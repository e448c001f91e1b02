import { type Format, fitted, fittedLines, jsonPost, MAX_HEAD, partsOf, utf8Size } from "./format.ts";

/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors: a message has at most 28 KB. Sizes are in bytes. */
const MAX_TITLE = 250;
const MAX_TEXT = 4_000;
const MAX_ITEMS = 4_000;
const MAX_ITEM = 400;
const MAX_ACTIONS = 4;

/** An Adaptive Card for a workflow ("when a Teams webhook request is received"). Unlike a TextBlock, a TextRun knows no Markdown. */
export const teams: Format = (notice, { url }) => {
  const { title, text, items, command, links, isList } = partsOf(notice);
  const itemsMax = isList ? MAX_TEXT - MAX_HEAD + MAX_ITEMS : MAX_ITEMS;
  const bytes = (max: number) => ({ max, size: utf8Size });
  const lines = [
    fitted(text, bytes(MAX_TEXT)),
    ...fittedLines(
      items.map((item) => fitted(item, bytes(MAX_ITEM))),
      bytes(itemsMax),
    ),
  ];
  const body = [
    run(fitted(title, { max: MAX_TITLE }), { weight: "Bolder", size: "Medium" }),
    ...lines.filter((line) => line !== "").map((line) => run(line)),
    ...(command === null ? [] : [run(command, { fontType: "Monospace" })]),
  ];
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body,
    actions: links.slice(0, MAX_ACTIONS).map((link) => ({ type: "Action.OpenUrl", title: link.label, url: link.url })),
    msteams: { width: "Full" },
  };
  const attachment = { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content };
  return jsonPost(url, { type: "message", attachments: [attachment] });
};

const run = (text: string, look: Record<string, string> = {}) => ({
  type: "RichTextBlock",
  inlines: [{ type: "TextRun", text, ...look }],
});
