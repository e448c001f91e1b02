import { dirname } from "node:path";
import { atomicReplace, ensureDir, readSmall } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";
import type { PutAway } from "../model/put-away.ts";
import { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { completed } from "./complete-record.ts";
import { grouped } from "./flat-record.ts";
import { own } from "./fold.ts";
import type { Layout } from "./layout.ts";
import { isSigned, onlyLine, openLine, sealLine } from "./line.ts";
import type { Signer } from "./signer.ts";

/** The complete records of archived sessions that are no longer in memory, one file each. */
export interface Archive {
  /** Reads a session's record. Throws NOT_FOUND if none was put away, and FAILED if its file is lost or not ours. */
  read(id: string): SessionRecord;
}

interface ArchiveOptions {
  fs: Fs;
  layout: Layout;
  signer: Signer;
}

const MAX_BYTES = 64 << 20;

export function createArchive(options: ArchiveOptions, stateNow: () => State): Archive {
  return {
    read(id) {
      const known = own(stateNow().archive, id);
      if (known === undefined) throw new AoError("NOT_FOUND", `no session ${id}`);
      const record = readRecord(options, known);
      if (record !== null) return record;
      throw new AoError("FAILED", `the record of ${id} is damaged or gone: ${pathOf(options.layout, known)}`, {
        hint: `\`ao events ${id} --all\` still has its history.`,
      });
    },
  };
}

/** Writes the records that a commit takes out of the state. Before the commit: what it names is there. */
export function writePutAway(options: ArchiveOptions, before: State, next: State): void {
  if (before.archive === next.archive) return;
  for (const [id, entry] of Object.entries(next.archive)) {
    const record = own(before.sessions, id);
    if (record === undefined || own(before.archive, id) === entry) continue;
    const path = pathOf(options.layout, entry);
    const { line } = sealLine({ session: id, record }, options.signer, "session");
    ensureDir(dirname(path), { fs: options.fs });
    atomicReplace(path, Buffer.concat([line, Buffer.from("\n")]), { fs: options.fs });
  }
}

const pathOf = (layout: Layout, { instanceId, projectId, id }: PutAway): string =>
  layout.project(instanceId, projectId).record(id);

/** Null if it is not there, not ours, of another time, or can't be read. */
function readRecord({ fs, layout, signer }: ArchiveOptions, known: PutAway): SessionRecord | null {
  const bytes = readSmall(pathOf(layout, known), { fs, maxBytes: MAX_BYTES });
  const line = bytes === null ? null : onlyLine(bytes);
  if (line === null || !isSigned(line, signer, "session")) return null;
  const found = openLine(line);
  if (found?.session !== known.id) return null;
  const record = SessionRecord.safeParse(completed(grouped(found.record as SessionRecord))).data ?? null;
  return (record?.archivedAt ?? record?.statusSince) === known.archivedAt ? record : null;
}
