import { isScalar, isSeq, type Pair, type YAMLSeq } from "yaml";
import { BrokenIssue, type IssueText, pairOf, parseIssueText } from "./front-matter.ts";

/** Returns the text with one key set. Every other byte stays: comments, order, quotes and line endings of all other lines. */
export function setScalar(text: string, key: string, value: string | number): string {
  const issue = parseIssueText(text);
  const pair = pairOf(issue.matter?.map ?? null, key);
  return pair === null ? addLine(issue, `${key}: ${scalar(value)}`) : replaceValue(issue, pair, scalar(value));
}

/** Returns the text with exactly these labels. Those that stay keep their place and their line. */
export function setLabels(text: string, labels: readonly string[]): string {
  const issue = parseIssueText(text);
  const pair = pairOf(issue.matter?.map ?? null, "labels");
  const flow = `[${labels.map(scalar).join(", ")}]`;
  if (pair === null) return addLine(issue, `labels: ${flow}`);
  if (isSeq(pair.value) && pair.value.flow !== true && labels.length > 0) return editBlock(issue, pair.value, labels);
  return replaceValue(issue, pair, flow);
}

/** Returns the text with a section appended. */
export function addComment(text: string, { heading, body }: { heading: string; body: string }): string {
  const { eol } = parseIssueText(text);
  const gap = text === "" || text.endsWith(`${eol}${eol}`) ? "" : text.endsWith("\n") ? eol : eol + eol;
  const lines = [`## ${heading}`, "", ...body.trim().split(/\r\n?|\n/), ""];
  return text + gap + lines.join(eol);
}

const WORD = /^[A-Za-z][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*$/;
const KEYWORD = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Returns one YAML scalar on one line, unquoted only if it is certain to be read as the same text. */
export function scalar(value: string | number): string {
  if (typeof value === "number") return String(value);
  return WORD.test(value) && !KEYWORD.test(value) ? value : JSON.stringify(value);
}

function addLine({ text, matter, bodyStart, eol }: IssueText, line: string): string {
  if (matter === null) return `${text.slice(0, bodyStart)}---${eol}${line}${eol}---${eol}${text.slice(bodyStart)}`;
  if (matter.map?.flow === true) throw new BrokenIssue("its front matter is one `{…}`, and needs one key per line");
  return text.slice(0, matter.end) + line + eol + text.slice(matter.end);
}

function replaceValue({ text, matter, eol }: IssueText, pair: Pair, value: string): string {
  const offset = matter?.start ?? 0;
  const range = (pair.value as { range?: [number, number, number] } | null)?.range;
  if (range === undefined) throw new BrokenIssue(`its \`${String(pair.key)}\` cannot be changed in place`);
  const start = offset + range[0];
  const end = offset + range[1];
  const old = text.slice(start, end);
  const before = start > 0 && /[:\s]/.test(text[start - 1] ?? "") ? "" : " ";
  const isEmpty = old === "" && text[start - 1] === ":";
  // A block scalar includes its last line ending.
  const after = old.endsWith("\n") ? eol : "";
  return text.slice(0, start) + (isEmpty ? " " : before) + value + after + text.slice(end);
}

function editBlock({ text, matter, eol }: IssueText, seq: YAMLSeq, labels: readonly string[]): string {
  const offset = matter?.start ?? 0;
  const rows = seq.items.map((item) => {
    const range = (item as { range?: [number, number, number] | null }).range;
    if (!isScalar(item) || range === null || range === undefined)
      throw new BrokenIssue("its `labels` are not a list of words");
    const start = text.lastIndexOf("\n", offset + range[0] - 1) + 1;
    const newline = text.indexOf("\n", offset + range[1]);
    return { label: String(item.value), start, end: newline < 0 ? text.length : newline + 1 };
  });
  const indent = /^[ \t]*/.exec(text.slice(rows[0]?.start ?? 0))?.[0] ?? "";
  const known = new Set(rows.map((row) => row.label));
  const added = labels.filter((label) => !known.has(label)).map((label) => `${indent}- ${scalar(label)}${eol}`);
  const end = rows.at(-1)?.end ?? 0;
  let edited = text.slice(0, end) + added.join("") + text.slice(end);
  for (const row of rows.reverse()) {
    if (!labels.includes(row.label)) edited = edited.slice(0, row.start) + edited.slice(row.end);
  }
  return edited;
}
