import { join } from "node:path";
import { listDir, readText } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";
import { SessionId } from "../model/ids.ts";
import type { State } from "../model/state.ts";
import { own } from "./fold.ts";
import { type Layout, projectLayout, projectsIn } from "./layout.ts";
import { metadataSigner } from "./metadata.ts";
import { type Problem, problem } from "./problem.ts";
import { type Claimed, sessionFromMetadata } from "./session-from-metadata.ts";
import { parseArchiveName } from "./session-view.ts";
import type { Signer } from "./signer.ts";
import { inspect } from "./view-files.ts";

export interface Rebuilt {
  /** Sessions that the log has lost, by id. */
  sessions: State["sessions"];
  /** Their configs, by their folders' `.origin`. None is trusted. */
  instances: State["instances"];
  /** The highest line that any metadata file reflects, 0 if none is ahead of the log. */
  lastKnownSeq: number;
  problems: Problem[];
}

export interface RebuildOptions {
  fs: Fs;
  layout: Layout;
  signer: Signer;
  /** As the log and the checkpoint gave it. */
  state: State;
  /** The last line that was written, as far as the log shows. */
  lastSeq: number;
  /** Files without a signature count too: they are of an earlier version, or their secret was lost. */
  isUnsigned: boolean;
}

/**
 * Compares the log with the metadata files. A file that reflects a later line than the log has shows that lines were
 * lost. A session that only such a file knows is rebuilt from it. Throws REFUSED if sessions would be forgotten: the log
 * is gone, and there are checkouts whose sessions nothing describes.
 */
export function rebuild(options: RebuildOptions): Rebuilt {
  const result: Rebuilt = { sessions: {}, instances: {}, lastKnownSeq: 0, problems: [] };
  for (const project of projectsIn(options.layout.home, options.fs)) {
    for (const claimed of filesOf(options, project)) {
      const rev = Number(claimed.entries.get("rev") ?? 0);
      if (!Number.isSafeInteger(rev) || rev <= options.lastSeq) continue;
      result.lastKnownSeq = Math.max(result.lastKnownSeq, rev);
      const { id } = claimed;
      if (own(options.state.sessions, id) !== undefined) continue;
      const record = sessionFromMetadata(claimed);
      if (record === null) continue;
      result.sessions[id] = record;
      Object.assign(result.instances, instanceOf(options, project));
      const message = `session ${id} was rebuilt from its metadata file, because the event log has lost it`;
      result.problems.push(problem("session-rebuilt", message, { sessionId: id, path: claimed.path }));
    }
  }
  refuseToForget(options, result);
  if (result.lastKnownSeq > 0) {
    const message = `the event log ends at line ${options.lastSeq}, but line ${result.lastKnownSeq} was written; what happened in between is lost`;
    result.problems.unshift(problem("log-lost", message, { path: options.layout.events }));
  }
  return result;
}

interface Project {
  instanceId: string;
  projectId: string;
}

function instanceOf({ fs, layout }: RebuildOptions, { instanceId, projectId }: Project): State["instances"] {
  const configPath = readText(projectLayout(layout.home, instanceId, projectId).origin, { fs })?.trim() ?? "";
  if (configPath === "") return {};
  return { [instanceId]: { id: instanceId, configPath, trustedPin: null, trustedText: null } };
}

/** The metadata files of a project that can be believed. */
function filesOf({ fs, layout, signer, isUnsigned, state }: RebuildOptions, project: Project): Claimed[] {
  const { sessions, archive } = projectLayout(layout.home, project.instanceId, project.projectId);
  const live = namesIn(fs, sessions).map((id) => ({ id, path: join(sessions, id), archivedAt: null }));
  const archived = namesIn(fs, archive).flatMap((name) => {
    const parsed = parseArchiveName(name);
    // Its record is in a file of its own, and there may be thousands.
    if (parsed === null || own(state.archive, parsed.id) !== undefined) return [];
    return [{ id: parsed.id, path: join(archive, name), archivedAt: parsed.at }];
  });
  return [...archived, ...live].flatMap((file) => {
    if (!SessionId.safeParse(file.id).success) return [];
    const sign = isUnsigned ? null : metadataSigner(signer, { ...project, id: file.id });
    const found = inspect(fs, file.path, sign);
    if (found.verdict !== "sealed" || !(found.isSigned || isUnsigned)) return [];
    return [{ ...file, ...project, entries: found.entries }];
  });
}

/** Nothing, not even a checkpoint, is left of the log, and there is work whose session is unknown. */
function refuseToForget({ fs, layout, state }: RebuildOptions, { sessions }: Rebuilt): void {
  if (state.seq > 0) return;
  for (const project of projectsIn(layout.home, fs)) {
    const { worktrees } = projectLayout(layout.home, project.instanceId, project.projectId);
    const unknown = namesIn(fs, worktrees).filter(
      (id) => SessionId.safeParse(id).success && !Object.hasOwn(sessions, id),
    );
    if (unknown.length === 0) continue;
    throw new AoError(
      "REFUSED",
      `the event log is gone, but there are checkouts of sessions in ${worktrees}: ${unknown.slice(0, 5).join(", ")}`,
      {
        hint: `Put ${layout.events} back from a backup. To begin without these sessions, move that folder away; their work stays in it.`,
        details: { worktrees, sessions: unknown },
      },
    );
  }
}

function namesIn(fs: Fs, dir: string): string[] {
  return (listDir(dir, { fs }) ?? []).sort();
}
