import { fitted, inert } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, fittedLines, jsonPost, MAX_HEAD, partsOf } from "./format.ts";

/** https://discord.com/developers/docs/resources/webhook#execute-webhook: up to 2,000 characters in all. */
const MAX_TITLE = 200;
const MAX_TEXT = 900;
const MAX_ITEMS = 500;
const MAX_ITEM = 150;
/** Characters for links and the command. */
const MAX_REST = 350;
/** No previews. https://discord.com/developers/docs/resources/message#message-object-message-flags */
const SUPPRESS_EMBEDS = 1 << 2;

/** Nobody is mentioned, whatever the text says, and each character that could be Markdown is escaped. */
export const discord: Format = (notice, { url }) => {
  const { title, text, items, command, links, isList } = partsOf(notice);
  const itemsMax = isList ? MAX_TEXT - MAX_HEAD + MAX_ITEMS : MAX_ITEMS;
  const write = (max: number) => ({ max, write: plain });
  const lines = [
    `**${fitted(title, write(MAX_TITLE))}**`,
    ...(text === "" ? [] : [fitted(text, write(MAX_TEXT))]),
    ...fittedLines(
      items.map((item) => fitted(item, write(MAX_ITEM))),
      { max: itemsMax },
    ),
    ...fittedLines(
      [
        ...(command === null ? [] : [`\`${command.replaceAll("`", "'")}\``]),
        ...links.map((link) => `[${plain(link.label)}](<${link.url}>)`),
      ],
      { max: MAX_REST },
    ),
  ];
  const content = lines.join("\n");
  return jsonPost(confirmed(url), { content, allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS });
};

/** A backslash makes every punctuation mark one without a meaning, also the dot of a list. */
const plain = (text: string): string => inert(text).replace(/[!-/:-@[-`{-~]/g, "\\$&");

/** Without `wait`, a message that was not stored is no error. */
function confirmed(address: string): string {
  const url = new URL(address);
  url.searchParams.set("wait", "true");
  return url.href;
}
