import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { ConfigInput } from "@agent-orchestrator/core/model/config";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Env } from "./interpolate.ts";
import { interpolateEarly, type Unset } from "./interpolate-early.ts";
import { inFileOrder, type Problem } from "./problem.ts";
import { type Finding, validate } from "./validate.ts";
import { MAX_BYTES } from "./yaml-scan.ts";
import { parseYaml, type YamlTree } from "./yaml-tree.ts";

/** One config file, parsed but not yet checked against the schema. */
export interface ConfigFile {
  path: string;
  dir: string;
  text: string;
  tree: YamlTree;
}

/** One config file, checked. */
export interface Layer {
  path: string;
  dir: string;
  tree: YamlTree;
  config: ConfigInput;
  problems: Problem[];
  warnings: Problem[];
  unset: Unset[];
}

/** Reads a config file. Null if there is none. Throws CONFIG if it can't be read or is too large for a config. */
export function readConfigFile(path: string): ConfigFile | null {
  const text = readCapped(path);
  return text === null ? null : configFile(path, text);
}

/** A config file with this text, whatever is on the disk. */
export const configFile = (path: string, text: string): ConfigFile => ({
  path,
  dir: dirname(path),
  text,
  tree: parseYaml(text),
});

/** Checks a file against the schema. With `env` null it is not trusted, so no variable is read. */
export function checkLayer(file: ConfigFile, env: Env | null): Layer {
  const { tree } = file;
  const place = (finding: Finding): Problem => ({
    ...describe(finding),
    file: file.path,
    ...tree.locate(finding.path),
  });
  const early = interpolateEarly(tree.value, env);
  const checked = validate(early.tree);
  const syntax = tree.faults.map(({ line, column, ...fault }) => ({
    ...describe(fault),
    file: file.path,
    line,
    column,
  }));
  return {
    path: file.path,
    dir: file.dir,
    tree,
    config: checked.config ?? {},
    problems: inFileOrder([...syntax, ...checked.problems.map(place)]),
    warnings: inFileOrder(checked.warnings.map(place)),
    unset: early.unset,
  };
}

/** `projects.my-app.postCreate[0]` */
export function formatPath(path: Finding["path"]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

function describe({ path, message, suggestion }: Finding): Pick<Problem, "path" | "message" | "suggestion"> {
  return { path: formatPath(path), message, ...(suggestion === undefined ? {} : { suggestion }) };
}

function readCapped(path: string): string | null {
  let fd: number;
  try {
    // Non-blocking, so that a pipe without a writer can't block us.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw unreadable(path, code ?? "unknown error", error);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw unreadable(path, "it is not a file");
    if (stat.size > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES / 1024} KiB`);
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES / 1024} KiB`);
    return decode(path, buffer.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, "it is not UTF-8 text", cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): AoError {
  return new AoError("CONFIG", `${basename(path)} can't be used: ${why}`, {
    hint: `Check ${path}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
