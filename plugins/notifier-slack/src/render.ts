import { newId } from "@agent-orchestrator/core/host/ids";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { NoticeOfSeveral, NoticeSession } from "@agent-orchestrator/core/model/notification";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { NotifyAction, NotifyContext } from "@agent-orchestrator/core/slots/notifier";
import { fitted, MARKS } from "@agent-orchestrator/plugin-kit/chat-text";
import { documentOf, documentOfText, line } from "@agent-orchestrator/plugin-kit/notice";
import {
  context,
  fallback,
  header,
  type KnownBlock,
  link,
  MAX,
  marked,
  plain,
  plainLines,
  ready,
  section,
} from "./blocks.ts";
import { buttonsFor, commandsFor, openUrl } from "./buttons.ts";
import { digest, type Item } from "./ledger.ts";

/** One message. */
export interface Rendered {
  text: string;
  blocks: KnownBlock[];
  items: Item[];
}

const PRIORITY: Readonly<Record<OrchestratorEvent["priority"], string>> = {
  urgent: ":red_circle: *Urgent*",
  action: ":large_yellow_circle: *Needs you*",
  warning: ":large_orange_circle: *Warning*",
  info: ":large_blue_circle: *Info*",
};

/** As in the lists of several notices, where every text is plain. */
const WORDS: typeof PRIORITY = { urgent: "urgent", action: "needs you", warning: "warning", info: "info" };

const MAX_SEVERAL_TEXT = 1_000;
const MAX_COMMANDS = 2_000;
/** Of all texts in one message. Slack does not say where it draws the line. */
const MAX_MESSAGE = 12_000;

/** What Slack shows of a notice: one message, or more if there is more in it than fits into one. */
export function renderNotice(event: OrchestratorEvent, actions: readonly NotifyAction[], canAct: boolean): Rendered[] {
  const several = severalIn(event);
  return several.length > 0 ? renderSeveral(event, several, canAct) : [renderOne(event, actions, canAct)];
}

/** The messages, as Slack gets them. */
export const previewOf = (event: OrchestratorEvent, canAct: boolean): string =>
  renderNotice(event, [], canAct)
    .map(({ text, blocks }) => JSON.stringify({ text, blocks }))
    .join("\n");

/** What core has put into one notice. */
export const severalIn = ({ data }: OrchestratorEvent): NoticeOfSeveral[] =>
  (Array.isArray(data.notices) ? (data.notices as unknown[]) : []).flatMap((one) => {
    const parsed = NoticeOfSeveral.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });

function renderOne(event: OrchestratorEvent, actions: readonly NotifyAction[], canAct: boolean): Rendered {
  const { title, message, question, command, links, priority } = documentFor(event, actions);
  const session = NoticeSession.safeParse(event.data.session);
  const about = session.success ? [session.data.title ?? "", session.data.branch].map((one) => line(one, 200)) : [];
  const asked = question?.text ?? "";
  const text = asked === "" ? message : asked;
  const choices = (question?.choices ?? []).map((choice, index) => `${index + 1}. ${choice}`);
  const { blocks: rows, buttons } = buttonsFor(actions, { block: "n0-", canAct });
  const pages = links.filter(({ url }) => openUrl(url) !== null && !actions.some((one) => openUrl(one.url) === url));
  const commands = commandsFor(canAct ? [] : actions, command);
  const more = [...commands.map((one) => `\`${one}\``), ...pages.map(link)];
  const blocks = [
    header(title),
    context(marked(PRIORITY[priority]), ...about.filter((one) => one !== "").map((one) => plain(one, 300))),
    ...(text === "" ? [] : [section(plain(text, MAX.section))]),
    ...(choices.length === 0 ? [] : [section(plainLines(choices, MAX.section))]),
    ...rows,
    ...(more.length === 0 ? [] : [context(marked(joined(more, " · ")))]),
  ];
  const item = { notice: digest(event.id), session: event.sessionId, block: "n0-", buttons, over: null };
  return { text: fallback(`${MARKS[priority]} ${title}: ${text}`), blocks, items: [item] };
}

/** Words of ao's own, as a notice. */
export function eventOf(message: string, about: NotifyContext | undefined, nowMs: number): OrchestratorEvent {
  const { sessionId = null, projectId = null } = about ?? {};
  return {
    ...{ seq: 0, id: newId(), ts: toIso(nowMs), type: "message", priority: "info", message, data: {} },
    ...{ sessionId, projectId },
  };
}

/** They are no event, and need no command. */
const documentFor = (event: OrchestratorEvent, actions: readonly NotifyAction[]) =>
  event.type === "message"
    ? documentOfText(event.message, {
        ...{ id: event.id, ts: event.ts },
        ...{ sessionId: event.sessionId ?? undefined, projectId: event.projectId ?? undefined },
      })
    : documentOf(event, actions);

/** As many as fit. They are ours, and none is cut. */
const joined = (parts: readonly string[], by: string): string =>
  parts.filter((_, index) => parts.slice(0, index + 1).join(by).length <= MAX_COMMANDS).join(by);

/** A notice in a list: its text, and its buttons if it has any. */
interface Entry {
  text: string;
  link: { label: string; url: string } | null;
  rows: KnownBlock[];
  item: Item;
}

function entryOf(one: NoticeOfSeveral, index: number, canAct: boolean): Entry {
  const { message, priority, sessionId, data, id } = one;
  const actions = one.actions.map(({ label, url, callbackEndpoint }) => ({
    label,
    ...(url === undefined ? {} : { url }),
    ...(callbackEndpoint === undefined ? {} : { callbackEndpoint }),
  }));
  const block = `n${index}-`;
  const { blocks: rows, buttons } = buttonsFor(actions, { block, canAct });
  const url = openUrl(data.url);
  return {
    // As it is written: each character may be escaped.
    text: fitted(`• ${WORDS[priority]}: ${line(message, MAX_SEVERAL_TEXT)}`, { max: MAX_SEVERAL_TEXT }),
    link: url === null ? null : { label: typeof data.pr === "number" ? `Pull request #${data.pr}` : "Open", url },
    rows,
    item: { notice: digest(id), session: sessionId, block, buttons, over: null },
  };
}

interface Page {
  blocks: KnownBlock[];
  items: Item[];
  size: number;
  /** Lines of notices without buttons, which share one block. */
  open: string[];
}

const emptyPage = (): Page => ({ blocks: [], items: [], size: 0, open: [] });

/** The head and the command take three blocks, and one more may be open. */
const ROOM = MAX.blocks - 4;

function renderSeveral(event: OrchestratorEvent, several: readonly NoticeOfSeveral[], canAct: boolean): Rendered[] {
  const pages = [emptyPage()];
  for (const [index, one] of several.entries()) {
    const entry = entryOf(one, index, canAct);
    const last = pages.at(-1) ?? emptyPage();
    const isFull = last.blocks.length + entry.rows.length + 2 > ROOM || last.size + entry.text.length > MAX_MESSAGE;
    const page = isFull && last.size > 0 ? emptyPage() : last;
    if (page !== last) pages.push(page);
    add(page, entry);
  }
  const { title, command, priority, message } = documentOf(event);
  const head = line(message.split(": ")[0] ?? "", 200);
  return pages.map((page, index) => {
    close(page);
    const number = pages.length === 1 ? "" : ` (${index + 1} of ${pages.length})`;
    const blocks = [
      header(`${title}${number}`),
      context(marked(PRIORITY[priority]), plain(head, 300)),
      ...page.blocks,
      ...(command === null ? [] : [context(marked(`\`${command}\``))]),
    ];
    return { text: fallback(`${MARKS[priority]} ${title}${number}: ${head}`), blocks, items: page.items };
  });
}

function add(page: Page, { text, link: page_, rows, item }: Entry): void {
  page.size += text.length;
  page.items.push(item);
  if (rows.length === 0 && page_ === null) {
    if ([...page.open, text].join("\n").length > MAX.section) close(page);
    page.open.push(text);
    return;
  }
  close(page);
  const body = section(ready(text));
  const button = page_ && { type: "button" as const, text: plain(page_.label, MAX.buttonText), url: page_.url };
  page.blocks.push(button === null ? body : { ...body, accessory: button }, ...rows);
}

/** Its texts are inert already. */
function close(page: Page): void {
  if (page.open.length > 0) page.blocks.push(section(ready(page.open.join("\n"))));
  page.open = [];
}
