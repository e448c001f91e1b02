import { basename, join } from "node:path";
import { atomicReplace, ensureDir, isThere, listDir, readText } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { isSameText } from "../same-text.ts";

/** Seals the records of this project's folder, so that a file that somebody else wrote is recognised. */
export interface Sealing {
  /** The text of a record's file. */
  format(name: string, value: object): string;
  /** Whether the seal of a parsed file is ours, for a file of this name. Removes the seal from it. */
  check(name: string, parsed: unknown): boolean;
  /** Moves a file into quarantine. Returns its new path. */
  setAside(path: string): string;
}

type Fields = Record<string, unknown>;

/** For records up to this size. A review may have long comments. */
export const MAX_RECORD_BYTES = 64 << 20;
const MARK = "sealed.json";

/** Null if the daemon gave no way to seal. Takes over what was written before records had a seal. */
export function openSealing(context: PluginContext, folders: readonly string[]): Sealing | null {
  const { seal, stateDir, home } = context;
  if (seal === undefined) return null;
  const sealOf = (name: string, value: object): string => seal(`${name}\n${JSON.stringify(value)}`);
  const sealing: Sealing = {
    format: (name, value) => `${JSON.stringify({ ...value, seal: sealOf(name, value) }, null, 2)}\n`,
    check(name, parsed) {
      if (typeof parsed !== "object" || parsed === null) return false;
      const fields = parsed as Fields;
      const given = fields.seal;
      delete fields.seal;
      return typeof given === "string" && isSameText(given, sealOf(name, fields));
    },
    setAside(path) {
      const quarantine = join(home, "quarantine");
      ensureDir(quarantine);
      const keptAt = freeName(join(quarantine, `scm-${basename(join(path, ".."))}-${basename(path)}`));
      realFs.rename(path, keptAt);
      return keptAt;
    },
  };
  const mark = join(stateDir, MARK);
  const isMarked = sealing.check(MARK, parse(mark));
  if (!isMarked) takeOver(context, { sealing, mark, folders });
  return sealing;
}

/**
 * Once for each folder: gives a seal to every record that has none of ours. Not if one has, because then the folder was
 * sealed before, and its mark was removed.
 */
function takeOver(
  { stateDir, log }: PluginContext,
  { sealing, mark, folders }: { sealing: Sealing; mark: string; folders: readonly string[] },
): void {
  const records = folders.flatMap((folder) =>
    (listDir(join(stateDir, folder)) ?? [])
      .filter((file) => /^[A-Za-z0-9].*\.json$/.test(file))
      .map((file) => ({ name: `${folder}/${file}`, path: join(stateDir, folder, file) })),
  );
  const read = records.map(({ name, path }) => ({ name, path, value: parse(path) }));
  const isSealed = read.map(({ name, value }) => sealing.check(name, value));
  if (isSealed.includes(true)) log.warn(`${mark} is missing or not from this daemon; it was written again`);
  else {
    for (const { name, path, value } of read) {
      if (typeof value === "object" && value !== null) atomicReplace(path, sealing.format(name, value));
    }
    if (read.length > 0)
      log.warn(`sealed the records in ${stateDir} that had no seal of this daemon`, { count: read.length });
  }
  ensureDir(stateDir);
  atomicReplace(mark, sealing.format(MARK, { format: 1 }));
}

/** Null if there is no such file, or none that can be parsed. */
function parse(path: string): unknown {
  try {
    return JSON.parse(readText(path, { maxBytes: MAX_RECORD_BYTES }) ?? "null");
  } catch {
    return null; // The table reports it.
  }
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) if (!isThere(`${path}.${number}`)) return `${path}.${number}`;
}
