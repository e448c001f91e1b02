import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { fitted } from "@agent-orchestrator/plugin-kit/chat-text";
import { type Format, jsonPost, linesInBytes, partsOf, utf8Size } from "./format.ts";

/** https://docs.ntfy.sh/publish/#limitations: a message of more than 4,096 bytes becomes an attachment. */
const MAX_TITLE = 250;
const MOST = { text: 2_000, items: 1_500, item: 300 };
const MAX_REST = 400;
/** https://docs.ntfy.sh/publish/#action-buttons */
const MAX_ACTIONS = 3;

/** https://docs.ntfy.sh/publish/#message-priority: 5 is the loudest, 3 is usual, 2 is silent. */
const PRIORITIES: Readonly<Record<NotificationDocument["priority"], number>> = {
  urgent: 5,
  action: 4,
  warning: 3,
  info: 2,
};

/** Published as JSON at the root of the server that the topic is on. */
export const ntfy: Format = (notice, { url, token }) => {
  const parts = partsOf(notice);
  const { title, command, links } = parts;
  const lines = [...linesInBytes(parts, MOST), ...(command === null || command.length > MAX_REST ? [] : [command])];
  const [topic = "", ...parents] = new URL(url).pathname
    .split("/")
    .filter((part) => part !== "")
    .reverse();
  const root = new URL(`/${parents.reverse().join("/")}`, url);
  const message = lines.filter((line) => line !== "").join("\n");
  const actions = links.slice(0, MAX_ACTIONS).map((link) => ({ action: "view", label: link.label, url: link.url }));
  const body = {
    topic,
    title: fitted(title, { max: MAX_TITLE, size: utf8Size }),
    message: message === "" ? "…" : message,
    priority: PRIORITIES[notice.priority],
    markdown: false,
    ...(links[0] === undefined ? {} : { click: links[0].url, actions }),
  };
  return jsonPost(root.href, body, token === undefined ? {} : { authorization: `Bearer ${token}` });
};
