import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { inert } from "@agent-orchestrator/plugin-kit/chat-text";
import { line } from "@agent-orchestrator/plugin-kit/notice";

/** How a tool reads its texts. */
export const READINGS = ["plain", "markdown", "html"] as const;
export type Reading = (typeof READINGS)[number];

/** What a template may name. Those that are true may contain words of strangers. */
const MEMBERS = {
  id: false,
  ts: false,
  type: true,
  priority: false,
  projectId: true,
  sessionId: true,
  title: true,
  message: true,
  question: true,
  choices: true,
  url: false,
  command: false,
} as const;
type Member = keyof typeof MEMBERS;

export const MEMBER_NAMES = Object.keys(MEMBERS) as Member[];

/** JSON, with `{{member}}` in its texts. */
export type Template = string | number | boolean | null | Template[] | { [key: string]: Template };

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const MAX_MESSAGE = 3_000;

/** Every name in a template that is no member, and every key that is a template. */
export function strangeNames(template: Template): string[] {
  if (typeof template === "string") {
    return [...template.matchAll(PLACE)].map(([, name = ""]) => name).filter((name) => !isMember(name));
  }
  if (typeof template !== "object" || template === null) return [];
  const keys = Array.isArray(template) ? [] : Object.keys(template).filter((key) => key.includes("{{"));
  return [...keys, ...Object.values(template).flatMap(strangeNames)];
}

const isMember = (name: string): name is Member => Object.hasOwn(MEMBERS, name);

/**
 * The template with the notice's members in place of their names. They only ever become part of a text: no value adds a key, an item
 * or another type, and names in a value are not filled in again.
 */
export function filled(template: Template, notice: NotificationDocument, reading: Reading): Template {
  const values = valuesOf(notice, reading);
  const fill = (part: Template): Template => {
    if (typeof part === "string") {
      return part.replace(PLACE, (whole, name: string) => (isMember(name) ? values[name] : whole));
    }
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fill(value)]));
  };
  return fill(template);
}

function valuesOf(notice: NotificationDocument, reading: Reading): Record<Member, string> {
  const { id, ts, type, priority, projectId, sessionId, title, message, question, links, command } = notice;
  const choices = (question?.choices ?? []).map((choice, index) => `${index + 1}. ${choice}`);
  const raw = {
    ...{ id, ts, type, priority, projectId: projectId ?? "", sessionId: sessionId ?? "", title },
    ...{ message: line(message, MAX_MESSAGE), question: question?.text ?? "", choices: choices.join("\n") },
    ...{ url: links[0]?.url ?? "", command: command ?? "" },
  };
  const written = (name: Member): string => (MEMBERS[name] ? WRITE[reading](raw[name]) : raw[name]);
  return Object.fromEntries(MEMBER_NAMES.map((name) => [name, written(name)])) as Record<Member, string>;
}

/** A stranger's text as it looks the same there, and does nothing. */
const WRITE: Readonly<Record<Reading, (text: string) => string>> = {
  plain: inert,
  markdown: (text) => inert(text).replace(/[!-/:-@[-`{-~]/g, "\\$&"),
  html: (text) => inert(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
};
