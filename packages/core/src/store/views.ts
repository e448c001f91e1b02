import { dirname } from "node:path";
import type { Clock } from "../host/clock.ts";
import { atomicReplace, ensureDir, removeIfThere, sweepTmp } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError } from "../model/errors.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { own } from "./fold.ts";
import type { Layout } from "./layout.ts";
import { renderBody, renderMetadata } from "./metadata.ts";
import { problem, type Report } from "./problem.ts";
import { toEntries, viewPath } from "./session-view.ts";
import { bodyOf, inspect, keepForeign, namesOfSession, signatureOf } from "./view-files.ts";

/** The metadata files: always behind the state, never ahead of it. */
export interface Views {
  /** Notes which sessions are not the same object any more; their files are written soon after. */
  changed(before: State, after: State): void;
  /** Writes what is pending now. For an answer that promises a file. */
  flush(): void;
  /** Looks for edits by hand, keeps them aside and puts our text back. For a slow tick. */
  check(): void;
  /** Makes every file what the state says. */
  rollForward(): void;
  close(): void;
}

export interface ViewsOptions {
  fs: Fs;
  layout: Layout;
  clock: Clock;
  report: Report;
  stateNow: () => State;
}

interface Written {
  path: string;
  body: string;
  /** Of the file as we left it; another one means another hand. */
  signature: string | null;
}

const DELAY_MS = 25;
/** Files written in one go without letting anything else happen: about 0.5 ms each. */
const BATCH = 25;

export function createViews(options: ViewsOptions): Views {
  const written = new Map<string, Written>();
  const pending = new Set<string>();
  const failed = new Set<string>();
  const closing = new AbortController();
  let isScheduled = false;

  const writeSome = (most: number): void => {
    let left = most;
    for (const id of pending) {
      if (left-- <= 0) return;
      pending.delete(id);
      if (!writeView(options, written, id)) failed.add(id);
    }
  };

  const schedule = (): void => {
    if (isScheduled || pending.size === 0 || closing.signal.aborted) return;
    isScheduled = true;
    void writeLater();
  };

  const writeLater = async (): Promise<void> => {
    while (pending.size > 0) {
      try {
        await options.clock.sleep(DELAY_MS, closing.signal);
      } catch {
        // Closed: `close` writes the rest itself.
        return;
      }
      writeSome(BATCH);
    }
    isScheduled = false;
  };

  return {
    changed(before, after) {
      if (before.sessions === after.sessions) return;
      for (const [id, record] of Object.entries(after.sessions)) {
        if (own(before.sessions, id) !== record) pending.add(id);
      }
      schedule();
    },
    flush: () => writeSome(Number.POSITIVE_INFINITY),
    check() {
      for (const [id, { path, signature }] of written) {
        if (signatureOf(options.fs, path) === signature) continue;
        pending.add(id);
      }
      for (const id of failed) pending.add(id);
      failed.clear();
      writeSome(Number.POSITIVE_INFINITY);
    },
    rollForward() {
      sweepProjects(options);
      for (const record of Object.values(options.stateNow().sessions)) {
        if (!isThereAlready(options, record)) pending.add(record.id);
      }
      writeSome(BATCH);
      schedule();
    },
    close() {
      closing.abort();
      writeSome(Number.POSITIVE_INFINITY);
    },
  };
}

function sweepProjects({ fs, layout, stateNow }: ViewsOptions): void {
  const keys = Object.values(stateNow().sessions).map(({ instanceId, projectId }) => `${instanceId}-${projectId}`);
  for (const key of new Set(keys)) {
    const { sessions, archive } = layout.project(key.slice(0, 12), key.slice(13));
    sweepTmp(sessions, { fs });
    sweepTmp(archive, { fs });
  }
}

/** An archived session does not change any more: its file is only looked for. */
function isThereAlready({ fs, layout }: ViewsOptions, record: SessionRecord): boolean {
  if (!record.isArchived) return false;
  return signatureOf(fs, viewPath(layout.home, record)) !== null;
}

/** One session's file as the state says now; false when that failed: the next change or check tries again. */
function writeView(options: ViewsOptions, written: Map<string, Written>, id: string): boolean {
  const record = own(options.stateNow().sessions, id);
  if (record === undefined) return true;
  try {
    written.set(id, writeOne(options, written.get(id), record));
    return true;
  } catch (error) {
    if (!isAoError(error)) throw error;
    options.report(problem("view-failed", error.message, { sessionId: id }));
    return false;
  }
}

function writeOne(options: ViewsOptions, before: Written | undefined, record: SessionRecord): Written {
  const { fs, layout } = options;
  const path = viewPath(layout.home, record);
  const body = renderBody(toEntries(record));
  const isOurs = before?.path === path && signatureOf(fs, path) === before.signature;
  if (isOurs && before.body === body) return before;
  const found = isOurs ? null : inspect(fs, path);
  const isRightAlready = found?.verdict === "sealed" && bodyOf(found.bytes) === body;
  if (found !== null && !isRightAlready) keepForeign(options, { path, found, sessionId: record.id });
  if (!isRightAlready) {
    ensureDir(dirname(path), { fs });
    atomicReplace(path, renderMetadata(body, options.stateNow().seq), { fs });
  }
  if (before?.path !== path) removeOthers(options, record, { path, before });
  return { path, body, signature: signatureOf(fs, path) };
}

/** After a move to the archive or back; whatever another hand did to the old file is kept first. */
function removeOthers(
  options: ViewsOptions,
  record: SessionRecord,
  { path, before }: { path: string; before: Written | undefined },
): void {
  const { fs, layout } = options;
  for (const other of namesOfSession(fs, layout.home, record)) {
    if (other === path) continue;
    const isOurs = other === before?.path && signatureOf(fs, other) === before.signature;
    if (!isOurs) keepForeign(options, { path: other, found: inspect(fs, other), sessionId: record.id });
    removeIfThere(fs, other);
  }
}
