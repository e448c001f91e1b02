import { fitted } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, jsonPost, linesInBytes, partsOf } from "./format.ts";

/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors: a message has at most 28 KB. Sizes are in bytes. */
const MAX_TITLE = 250;
const MOST = { text: 4_000, items: 4_000, item: 400 };
const MAX_ACTIONS = 4;

/** An Adaptive Card for a workflow ("when a Teams webhook request is received"). Unlike a TextBlock, a TextRun knows no Markdown. */
export const teams: Format = (notice, { url }) => {
  const parts = partsOf(notice);
  const { title, command, links } = parts;
  const lines = linesInBytes(parts, MOST);
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
