import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from "yaml";
import { MAX_DEPTH, scanYaml } from "./yaml-scan.ts";

export type Path = readonly (string | number)[];

/** A value of a config file as plain data, with the position of each part. */
export interface YamlTree {
  value: unknown;
  faults: Fault[];
  /** Line and column (1-based) of a key or list entry, or of its nearest parent if it is not in the file. */
  locate(path: Path): { line: number; column: number };
  /** Whether this very path is written in the file. */
  has(path: Path): boolean;
}

export interface Fault {
  path: Path;
  message: string;
  suggestion?: string;
  line: number;
  column: number;
}

interface Walk {
  text: string;
  lines: LineCounter;
  offsets: Map<string, number>;
  faults: Fault[];
}

const idOf = (path: Path): string => path.join("\u0000");

/**
 * People write `{ token: ${SLACK_TOKEN} }`, and in YAML the inner brace would open a map. So the parser gets two unused
 * letters instead of the braces of a variable. Lengths stay the same, and with them every position.
 */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*(?::-[^{}\n]*)?)\}/g;
const [OPEN, CLOSE] = ["\ue000", "\ue001"];
const hideBraces = (text: string): string =>
  text.includes(OPEN) || text.includes(CLOSE) ? text : text.replace(VARIABLE, `$$${OPEN}$1${CLOSE}`);
const HIDDEN = /\$\ue000([A-Za-z_][A-Za-z0-9_]*(?::-[^{}\n]*?)?)\ue001/g;
const showBraces = (text: string): string => text.replace(HIDDEN, (_, inner: string) => `\${${inner}}`);

/** YAML 1.2 without its dangerous parts: no aliases, merge keys, tags or directives. Never throws. */
export function parseYaml(written: string): YamlTree {
  const text = hideBraces(written);
  const lines = new LineCounter();
  const walk: Walk = { text, lines, offsets: new Map(), faults: [] };
  const tree: YamlTree = {
    value: undefined,
    faults: walk.faults,
    locate: (path) => locate(walk, path),
    has: (path) => walk.offsets.has(idOf(path)),
  };
  const hostile = scanYaml(text);
  if (hostile !== null) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
    lines.lineStarts.unshift(0);
    addFault(walk, { path: [], message: hostile.message, offset: hostile.offset });
    return tree;
  }
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: "error",
    stringKeys: false,
    lineCounter: lines,
  });
  if (/^%/m.test(text.slice(0, document.range[0])) || document.directives.yaml.explicit === true) {
    addFault(walk, { path: [], message: "YAML directives are not supported", offset: 0 });
  }
  for (const error of document.errors) addSyntaxFault(walk, error);
  const isBroken = document.errors.some((error) => error.code !== "DUPLICATE_KEY");
  if (!isBroken && document.contents !== null) tree.value = convert(walk, document.contents as Node, []);
  return tree;
}

function locate(walk: Walk, path: Path): { line: number; column: number } {
  for (let length = path.length; length > 0; length--) {
    const offset = walk.offsets.get(idOf(path.slice(0, length)));
    if (offset !== undefined) return position(walk, offset);
  }
  return { line: 1, column: 1 };
}

function position(walk: Walk, offset: number): { line: number; column: number } {
  const { line, col } = walk.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface NewFault {
  path: Path;
  message: string;
  suggestion?: string;
  offset: number;
}

function addFault(walk: Walk, { offset, ...fault }: NewFault): void {
  if (walk.faults.length < 200) walk.faults.push({ ...fault, ...position(walk, offset) });
}

function addSyntaxFault(walk: Walk, error: YAMLError): void {
  const [offset] = error.pos;
  if (error.code === "DUPLICATE_KEY") {
    const key = /^[^\s:,{}[\]]{1,80}/.exec(walk.text.slice(offset, offset + 80))?.[0] ?? "";
    addFault(walk, { path: [], message: `the key \`${key}\` appears twice`, offset });
    return;
  }
  const message = error.message.split("\n")[0] ?? "";
  addFault(walk, { path: [], message: `not YAML: ${message.replace(/:$/, "")}`, offset });
}

function convert(walk: Walk, node: Node, path: Path): unknown {
  const offset = node.range?.[0] ?? 0;
  if (isAlias(node))
    return refuse(walk, { path, message: "aliases (`*name`) are not supported: repeat the value", offset });
  if (node.tag !== undefined)
    return refuse(walk, { path, message: `tags (\`${node.tag}\`) are not supported`, offset });
  if (path.length >= MAX_DEPTH)
    return refuse(walk, { path, message: `nested deeper than ${MAX_DEPTH} levels`, offset });
  if (isScalar(node)) return typeof node.value === "string" ? showBraces(node.value) : node.value;
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const child = item as Node;
      walk.offsets.set(idOf([...path, index]), child.range?.[0] ?? offset);
      return convert(walk, child, [...path, index]);
    });
  }
  return isMap(node) ? convertMap(walk, node.items as Pair<Node, Node | null>[], path) : null;
}

function convertMap(walk: Walk, items: readonly Pair<Node, Node | null>[], path: Path): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const { key, value } of items) {
    const offset = key.range?.[0] ?? 0;
    const name = isScalar(key) && key.tag === undefined ? showBraces(String(key.value ?? "")) : null;
    if (name === null || name === "") {
      addFault(walk, { path, message: "a key must be a plain word", offset });
      continue;
    }
    const below = [...path, name];
    if (name === "__proto__" || name === "<<") {
      const why = name === "<<" ? "merge keys (`<<`) are not supported: repeat the values" : "not allowed as a key";
      addFault(walk, { path: below, message: why, offset });
      continue;
    }
    walk.offsets.set(idOf(below), offset);
    const converted = value === null ? null : convert(walk, value, below);
    if (converted !== null) map[name] = converted;
    // `my-app:` without a value is a project with only defaults. Any other empty key counts as absent.
    else if (path.length === 1 && (path[0] === "projects" || path[0] === "notifiers")) map[name] = {};
  }
  return map;
}

function refuse(walk: Walk, fault: NewFault): null {
  addFault(walk, fault);
  return null;
}
