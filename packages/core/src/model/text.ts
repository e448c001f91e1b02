import type { StatusGroup } from "./session-view.ts";

/** Bidi controls, zero-width characters, tags and the like. They are invisible and can deceive. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const ESCAPES =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]|[\]PX^_][^\u0007\u001b\u009c]{0,65536}(?:\u0007|\u001b\\|\u009c)?|[ -/]{0,4}[0-~])/g;

/** Removes characters that nobody sees, such as zero-width and bidirectional ones. Changes nothing else. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, "");

/** Prepares text for a terminal: removes escape sequences, controls (except tab and newline) and deceptive characters. */
export function cleanForTerminal(text: string): string {
  return text.replace(ESCAPES, "").replace(/\r\n?/g, "\n").replace(CONTROL, "").replace(INVISIBLE, "").toWellFormed();
}

/** Cleans a text, and makes it one line of at most `max` characters. */
export function oneLine(text: string, max = 200): string {
  const line = cleanForTerminal(text)
    .replace(/[\t\n ]+/g, " ")
    .trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

export const dollars = (usd: number): string => `$${usd.toFixed(2)}`;

/** `840`, `12 k`, `1.3 M`. */
export function tokenCount(tokens: number): string {
  const scaled = (value: number, unit: string) => `${Number(value.toFixed(value < 9.95 ? 1 : 0))} ${unit}`;
  if (tokens < 999.5) return String(Math.round(tokens));
  return tokens < 999_500 ? scaled(tokens / 1000, "k") : scaled(tokens / 1_000_000, "M");
}

/** `$4.12 · 1.3 M tokens`, with `at least` if a part has no price, and without dollars if nothing has one. */
export function costText(cost: { usd: number | null; knownUsd: number; tokens: number }): string {
  const tokens = `${tokenCount(cost.tokens)} tokens`;
  if (cost.usd !== null) return `${dollars(cost.usd)} · ${tokens}`;
  return cost.knownUsd > 0 ? `at least ${dollars(cost.knownUsd)} · ${tokens}` : tokens;
}

/** `42 s`, `7 m`, `3 h`, `2 d`: one unit, rounded down. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function ageOf(iso: string | null | undefined, nowMs: number): string {
  const at = Date.parse(iso ?? "");
  return Number.isNaN(at) ? "" : age(nowMs - at);
}

/** The groups' headings, in their order. */
export const GROUP_TITLES: Readonly<Record<StatusGroup, string>> = {
  "needs-you": "Needs you",
  "ready-to-merge": "Ready to merge",
  working: "Working",
  waiting: "Waiting",
  queued: "Queued",
  ended: "Ended",
};

/** The first sign of a failure in the output of a test, a compiler or an interpreter. */
export const FAILURE_SIGN =
  /^.*(?:\bnot ok\b|\bFAIL(?:ED|URE)?\b|✗|✖|✘|\bAssertionError\b|\b[A-Z]\w*(?:Error|Exception)\b|\berror(?:\[\w+\])?:|\bpanic(?:ked)?\b|\bTraceback\b)/m;
