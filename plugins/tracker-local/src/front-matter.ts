import { IssueState } from "@agent-orchestrator/core/model/issue";
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from "yaml";

/** An issue's file, cut at its front matter. All offsets are into `text`. */
export interface IssueText {
  text: string;
  /** The part between the two `---` lines, including the last line ending. Null if the file has none. */
  matter: { start: number; end: number; map: YAMLMap | null } | null;
  /** Where the description starts. */
  bodyStart: number;
  eol: "\n" | "\r\n";
}

export interface IssueFields {
  title: string | null;
  state: IssueState;
  labels: string[];
  assignee: string | null;
  priority: number | null;
}

/** What is wrong with a file, for its author. The reader adds the file's name. */
export class BrokenIssue extends Error {}

const MAX_MATTER = 16 * 1024;

/** Throws BrokenIssue. */
export function parseIssueText(text: string): IssueText {
  const eol = /\r\n/.test(text.slice(0, text.indexOf("\n") + 1)) ? "\r\n" : "\n";
  const open = /^\ufeff?---[ \t]*\r?\n/.exec(text);
  if (open === null) return { text, matter: null, bodyStart: text.startsWith("\ufeff") ? 1 : 0, eol };
  const start = open[0].length;
  const close = /^---[ \t]*(?:\r?\n|$)/m.exec(text.slice(start));
  if (close === null) throw new BrokenIssue("its front matter has no closing line `---`");
  const end = start + close.index;
  if (end - start > MAX_MATTER) throw new BrokenIssue(`its front matter is longer than ${MAX_MATTER} bytes`);
  const map = parseMatter(text.slice(start, end));
  return { text, matter: { start, end, map }, bodyStart: end + close[0].length, eol };
}

function parseMatter(yaml: string): YAMLMap | null {
  const lines = new LineCounter();
  const doc = safely(() =>
    parseDocument(yaml, { schema: "core", uniqueKeys: true, merge: false, logLevel: "silent", lineCounter: lines }),
  );
  const [error] = doc.errors;
  if (error !== undefined) {
    // The line in the file is one more, for the `---` above.
    const line = lines.linePos(error.pos[0]).line + 1;
    throw new BrokenIssue(`line ${line}: ${error.message.split("\n")[0] ?? ""}`);
  }
  if (doc.contents === null) return null;
  if (!isMap(doc.contents)) throw new BrokenIssue("its front matter is not a list of `key: value` lines");
  if (/(?:^|[\s[{,:-])[&*][^\s,\]}]/m.test(yaml) && hasAliases(doc)) {
    throw new BrokenIssue("its front matter uses YAML aliases");
  }
  return doc.contents;
}

/** Reports nesting beyond the stack's depth as a fault of the file. */
function safely<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    // The only way for the library to fail here is a stack overflow.
    throw new BrokenIssue("its front matter cannot be parsed");
  }
}

function hasAliases(doc: { toJS(options: { maxAliasCount: number }): unknown }): boolean {
  try {
    doc.toJS({ maxAliasCount: 0 });
    return false;
  } catch {
    // Detects aliases, because with a limit of 0 any alias throws.
    return true;
  }
}

export function pairOf(map: YAMLMap | null, key: string): Pair | null {
  return map?.items.find((pair) => isScalar(pair.key) && pair.key.value === key) ?? null;
}

/** Throws BrokenIssue. */
export function readFields({ matter }: IssueText): IssueFields {
  const map = matter?.map ?? null;
  const priority = scalarOf(map, "priority");
  if (priority !== null && !Number.isFinite(Number(priority))) throw new BrokenIssue("its `priority` is not a number");
  return {
    title: scalarOf(map, "title"),
    state: stateOf(scalarOf(map, "state")),
    labels: labelsOf(map),
    assignee: scalarOf(map, "assignee"),
    priority: priority === null ? null : Number(priority),
  };
}

function scalarOf(map: YAMLMap | null, key: string): string | null {
  const value = pairOf(map, key)?.value;
  if (value === undefined || value === null) return null;
  if (!isScalar(value)) throw new BrokenIssue(`its \`${key}\` is not one value`);
  return value.value === null || value.value === "" ? null : String(value.value);
}

function stateOf(text: string | null): IssueState {
  const parsed = IssueState.safeParse((text ?? "open").toLowerCase().replace(/[ -]/g, "_"));
  if (parsed.success) return parsed.data;
  throw new BrokenIssue(`its \`state\` is none of ${IssueState.options.join(", ")}`);
}

/** Reads a list, or one text with commas. */
function labelsOf(map: YAMLMap | null): string[] {
  const value = pairOf(map, "labels")?.value;
  if (!isSeq(value)) {
    const text = scalarOf(map, "labels") ?? "";
    return text.split(",").flatMap((label) => (label.trim() === "" ? [] : [label.trim()]));
  }
  return value.items.map((item) => {
    if (!isScalar(item)) throw new BrokenIssue("its `labels` are not a list of words");
    return String(item.value);
  });
}
