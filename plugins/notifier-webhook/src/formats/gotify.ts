import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { fitted } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, fittedLines, jsonPost, MAX_HEAD, partsOf } from "./format.ts";

/** Gotify has no limit of its own. These keep a notification readable. */
const MAX_TITLE = 250;
const MAX_TEXT = 2_000;
const MAX_ITEMS = 2_000;
const MAX_ITEM = 300;

/** https://gotify.net/docs/msgextras and the Android app: 8 and more makes a sound and pops up, 4 and more makes a sound. */
const PRIORITIES: Readonly<Record<NotificationDocument["priority"], number>> = {
  urgent: 8,
  action: 6,
  warning: 4,
  info: 2,
};

/** A message of an application, shown as plain text. The token is in a header, so that no server's log of addresses has it. */
export const gotify: Format = (notice, { url, token }) => {
  const { title, text, items, command, links, isList } = partsOf(notice);
  const itemsMax = isList ? MAX_TEXT - MAX_HEAD + MAX_ITEMS : MAX_ITEMS;
  const lines = [
    fitted(text, { max: MAX_TEXT }),
    ...fittedLines(
      items.map((item) => fitted(item, { max: MAX_ITEM })),
      { max: itemsMax },
    ),
    ...(command === null ? [] : [command]),
    ...links.map((link) => `${link.label}: ${link.url}`),
  ];
  const [first] = links;
  const message = lines.filter((line) => line !== "").join("\n");
  const body = {
    title: fitted(title, { max: MAX_TITLE }),
    message: message === "" ? "…" : message,
    priority: PRIORITIES[notice.priority],
    extras: {
      "client::display": { contentType: "text/plain" },
      ...(first === undefined ? {} : { "client::notification": { click: { url: first.url } } }),
    },
  };
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, "").replace(/\/message$/, "")}/message`;
  return jsonPost(address.href, body, { "x-gotify-key": token ?? "" });
};
