import { fitted } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, fittedLines, jsonPost, MAX_HEAD, partsOf } from "./format.ts";

/** https://core.telegram.org/bots/api#sendmessage: up to 4,096 characters, counted in UTF-16 units as entities are. */
const MAX_TITLE = 200;
const MAX_TEXT = 1_900;
const MAX_ITEMS = 1_200;
const MAX_ITEM = 250;
const MAX_REST = 300;

interface Piece {
  text: string;
  entity?: { type: string; url?: string };
}

/**
 * Without `parse_mode`, text is only text, but Telegram looks for links, mentions, commands and hashtags in it. Inside of `pre` and
 * `code` it does not, so strangers' words are in there.
 */
export const telegram: Format = (notice, { url, token, chat }) => {
  const { title, text, items, command, links, isList } = partsOf(notice);
  const itemsMax = isList ? MAX_TEXT - MAX_HEAD + MAX_ITEMS : MAX_ITEMS;
  const written = [
    fitted(text, { max: MAX_TEXT }),
    ...fittedLines(
      items.map((item) => fitted(item, { max: MAX_ITEM })),
      { max: itemsMax },
    ),
  ];
  const strangers = written.filter((line) => line !== "").join("\n");
  const pieces: Piece[] = [
    { text: fitted(title, { max: MAX_TITLE }), entity: { type: "bold" } },
    ...(strangers === "" ? [] : [{ text: strangers, entity: { type: "pre" } }]),
    ...(command === null || command.length > MAX_REST ? [] : [{ text: command, entity: { type: "code" } }]),
    ...links.slice(0, 3).map((link) => ({
      text: fitted(link.label, { max: 80 }),
      entity: { type: "text_link", url: link.url },
    })),
  ];
  const entities = pieces.flatMap(({ text: own, entity }, index) => {
    const offset = pieces.slice(0, index).reduce((sum, before) => sum + before.text.length + 1, 0);
    return entity === undefined ? [] : [{ ...entity, offset, length: own.length }];
  });
  return jsonPost(`${url.replace(/\/+$/, "")}/bot${token ?? ""}/sendMessage`, {
    chat_id: chat,
    text: pieces.map((piece) => piece.text).join("\n"),
    entities,
    link_preview_options: { is_disabled: true },
    disable_notification: notice.priority === "info",
  });
};
