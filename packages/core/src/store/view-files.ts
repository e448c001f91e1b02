import { basename, join } from "node:path";
import { atomicReplace, ensureDir, fileError, listDir, readSmall } from "../host/files.ts";
import { errnoOf, type FileStat, type Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import type { SessionRecord } from "../model/session.ts";
import { crcHex } from "./crc.ts";
import { type Layout, projectLayout } from "./layout.ts";
import { type Entries, type ParsedMetadata, parseMetadata, type SignText } from "./metadata.ts";
import { problem, type Report } from "./problem.ts";

export type Inspected =
  | { verdict: "missing" }
  | { verdict: ParsedMetadata["verdict"]; bytes: Buffer; entries: Entries; isSigned: boolean }
  /** Something in our file's place that can't be read as a file: a pipe, a link, a folder, something huge. */
  | { verdict: "not-a-file" };

export function inspect(fs: Fs, path: string, sign: SignText | null = null): Inspected {
  try {
    const bytes = readSmall(path, { fs });
    return bytes === null ? { verdict: "missing" } : { bytes, ...parseMetadata(bytes, sign) };
  } catch (error) {
    if (!isAoError(error)) throw error;
    const isOddity = error.code === "REFUSED" || error.details?.errno === "ELOOP";
    if (!isOddity) throw error;
    return { verdict: "not-a-file" };
  }
}

/** The lines of a sealed file without head, rev and seal, for comparing contents. */
export function bodyOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const start = text.indexOf("\n", text.indexOf("\n") + 1) + 1;
  return text.slice(start, text.lastIndexOf("#end "));
}

export const signatureFrom = ({ ino, size, mtimeMs }: FileStat): string => `${ino}:${size}:${mtimeMs}`;

/** Distinguishes one version of a file from another. Null if there is none. */
export function signatureOf(fs: Fs, path: string): string | null {
  try {
    return signatureFrom(fs.lstat(path));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return null;
    throw fileError("look at", path, error);
  }
}

/** Keeps and reports what somebody else wrote before our text replaces it. */
export function keepForeign(
  options: { fs: Fs; layout: Layout; report: Report },
  foreign: { path: string; found: Inspected; sessionId: string },
): void {
  const { fs, layout, report } = options;
  const { path, found, sessionId } = foreign;
  if (found.verdict === "missing" || found.verdict === "sealed") return;
  ensureDir(layout.quarantine, { fs });
  if (found.verdict === "not-a-file") {
    const keptAt = freeName(fs, join(layout.quarantine, basename(path)));
    try {
      fs.rename(path, keptAt);
    } catch (error) {
      throw fileError("move away", path, error);
    }
    report(
      problem("metadata-damaged", `the metadata of ${sessionId} was not a regular file; it was moved away`, {
        path,
        sessionId,
        keptAt,
      }),
    );
    return;
  }
  const keptAt = join(layout.quarantine, `${basename(path)}.${crcHex(found.bytes)}`);
  atomicReplace(keptAt, found.bytes, { fs });
  const isEdit = found.verdict === "hand-edited";
  const message = isEdit
    ? `the metadata of ${sessionId} was edited by hand; the edit was kept aside and put back (\`ao set\` changes it)`
    : `the metadata of ${sessionId} could not be read; it was kept aside and written again from the log`;
  report(problem(isEdit ? "metadata-edited" : "metadata-damaged", message, { path, sessionId, keptAt }));
}

export function freeName(fs: Fs, path: string): string {
  for (let number = 1; ; number++) {
    const candidate = `${path}.${number}`;
    if (signatureOf(fs, candidate) === null) return candidate;
  }
}

/** Lists folders, each only once: an archive may have thousands of files. */
export type Lister = (dir: string) => readonly string[];

export function createLister(fs: Fs): Lister {
  const known = new Map<string, readonly string[]>();
  return (dir) => {
    const names = known.get(dir) ?? listDir(dir, { fs }) ?? [];
    known.set(dir, names);
    return names;
  };
}

/** Every place where an earlier file of this session may be. */
export function namesOfSession(
  fs: Fs,
  home: string,
  { record, list }: { record: SessionRecord; list: Lister },
): string[] {
  const layout = projectLayout(home, record.instanceId, record.projectId);
  const archived = list(layout.archive).filter((name) => name.startsWith(`${record.id}_`));
  const live = signatureOf(fs, layout.metadata(record.id)) === null ? [] : [layout.metadata(record.id)];
  return [...live, ...archived.map((name) => join(layout.archive, name))];
}
