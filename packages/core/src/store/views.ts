import { dirname } from "node:path";
import type { Clock } from "../host/clock.ts";
import { atomicReplace, ensureDir, removeIfThere, sweepTmp } from "../host/files.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError, toAoError } from "../model/errors.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { own } from "./fold.ts";
import type { Layout } from "./layout.ts";
import { metadataSigner, renderBody, renderMetadata } from "./metadata.ts";
import { problem, type Report } from "./problem.ts";
import { toEntries, viewPath } from "./session-view.ts";
import type { Signer } from "./signer.ts";
import {
  bodyOf,
  createLister,
  inspect,
  keepForeign,
  type Lister,
  namesOfSession,
  signatureFrom,
  signatureOf,
} from "./view-files.ts";

/** The metadata files. They may be behind the state, never ahead of it. */
export interface Views {
  /** Notes which sessions are not the same object any more; their files are written soon after. */
  changed(before: State, after: State): void;
  /** Writes what is pending now: before every answer to a request that changes something. */
  flush(): void;
  /** Looks for edits by hand, sets them aside and restores our text. Happens automatically every 10 seconds. */
  check(): void;
  /** Brings every file up to date with the state. */
  rollForward(): void;
  close(): void;
}

export interface ViewsOptions {
  fs: Fs;
  layout: Layout;
  clock: Clock;
  report: Report;
  signer: Signer;
  /** The files that are there have no signature, or one of a lost secret. */
  isUnsigned: boolean;
  stateNow: () => State;
}

interface Written {
  path: string;
  body: string;
  /** Of the file as we left it. A different one means that somebody else wrote it. */
  signature: string | null;
}

/** A session that starts changes about five times in a moment. One write is enough for that. */
const DELAY_MS = 200;
/** How often to look for edits by hand, with one `lstat` per file. */
const CHECK_MS = 10_000;
/** How many files to write without yielding, at about 0.5 ms each. */
const BATCH = 25;

interface Desk {
  options: ViewsOptions;
  written: Map<string, Written>;
  /** To be written. */
  pending: Set<string>;
  /** Could not be written. Tried again at the next check. */
  failed: Set<string>;
  closing: AbortController;
}

export function createViews(options: ViewsOptions): Views {
  const desk: Desk = {
    options,
    written: new Map(),
    pending: new Set(),
    failed: new Set(),
    closing: new AbortController(),
  };
  const schedule = scheduler(desk);
  void checkNowAndThen(desk);
  return {
    changed(before, after) {
      if (before.sessions === after.sessions) return;
      for (const id of desk.written.keys()) if (own(after.sessions, id) === undefined) desk.written.delete(id);
      for (const [id, record] of Object.entries(after.sessions)) {
        if (own(before.sessions, id) !== record) desk.pending.add(id);
      }
      schedule();
    },
    flush: () => writeSome(desk, Number.POSITIVE_INFINITY),
    check: () => check(desk),
    rollForward() {
      sweepProjects(options);
      for (const record of Object.values(options.stateNow().sessions)) {
        if (!isThereAlready(options, record)) desk.pending.add(record.id);
      }
      writeSome(desk, BATCH);
      schedule();
    },
    close() {
      desk.closing.abort();
      writeSome(desk, Number.POSITIVE_INFINITY);
    },
  };
}

function writeSome({ options, written, pending, failed }: Desk, most: number): void {
  let left = most;
  const list = createLister(options.fs);
  for (const id of pending) {
    if (left-- <= 0) return;
    pending.delete(id);
    if (!writeView(options, { written, list }, id)) failed.add(id);
  }
}

/** Starts one loop that writes a batch at a time until nothing is pending. */
function scheduler(desk: Desk): () => void {
  const { closing, options, pending } = desk;
  let isRunning = false;
  const run = async (): Promise<void> => {
    while (pending.size > 0) {
      // `close` writes the rest itself.
      if (!(await rest(options.clock, DELAY_MS, closing.signal))) return;
      writeSome(desk, BATCH);
    }
    isRunning = false;
  };
  return () => {
    if (isRunning || pending.size === 0 || closing.signal.aborted) return;
    isRunning = true;
    void run();
  };
}

async function checkNowAndThen(desk: Desk): Promise<void> {
  while (await rest(desk.options.clock, CHECK_MS, desk.closing.signal)) check(desk);
}

/** False if the signal ended it. */
async function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch {
    // Only the signal rejects a sleep.
    return false;
  }
}

function check(desk: Desk): void {
  const { options, written, pending, failed } = desk;
  for (const id of failed) pending.add(id);
  failed.clear();
  for (const [id, { path, signature }] of written) {
    try {
      if (signatureOf(options.fs, path) !== signature) pending.add(id);
    } catch (error) {
      // The next write finds out whether the disk fails.
      if (!isAoError(error)) throw error;
    }
  }
  writeSome(desk, Number.POSITIVE_INFINITY);
}

function sweepProjects({ fs, layout, stateNow }: ViewsOptions): void {
  const keys = Object.values(stateNow().sessions).map(({ instanceId, projectId }) => `${instanceId}-${projectId}`);
  for (const key of new Set(keys)) {
    const { sessions, archive } = layout.project(key.slice(0, 12), key.slice(13));
    sweepTmp(sessions, { fs });
    sweepTmp(archive, { fs });
  }
}

/** An archived session does not change any more, so only check that its file exists. */
function isThereAlready({ fs, layout }: ViewsOptions, record: SessionRecord): boolean {
  if (!record.isArchived) return false;
  return signatureOf(fs, viewPath(layout.home, record)) !== null;
}

interface Round {
  written: Map<string, Written>;
  list: Lister;
}

/** Writes one session's file. False if that failed. The next change or check tries again. */
function writeView(options: ViewsOptions, { written, list }: Round, id: string): boolean {
  const record = own(options.stateNow().sessions, id);
  if (record === undefined) return true;
  try {
    written.set(id, writeOne(options, record, { before: written.get(id), list }));
    return true;
  } catch (error) {
    // Whatever is wrong with one file, even a bug of ours, the state is safe and the other files are written.
    options.report(problem("view-failed", toAoError(error).message, { sessionId: id }));
    return false;
  }
}

interface Known {
  before: Written | undefined;
  list: Lister;
}

function writeOne(options: ViewsOptions, record: SessionRecord, { before, list }: Known): Written {
  const { fs, layout } = options;
  const path = viewPath(layout.home, record);
  const body = renderBody(toEntries(record));
  let signature = signatureOf(fs, path);
  const isOurs = before?.path === path && signature === before.signature;
  if (isOurs && before.body === body) return before;
  const sign = metadataSigner(options.signer, record);
  const found = isOurs ? null : inspect(fs, path, options.isUnsigned ? null : sign);
  const isRightAlready = found?.verdict === "sealed" && found.isSigned && bodyOf(found.bytes) === body;
  if (found !== null && !isRightAlready) keepForeign(options, { path, found, sessionId: record.id });
  if (!isRightAlready) {
    ensureDir(dirname(path), { fs });
    // Of the file we wrote, not of what may be there a moment later.
    signature = signatureFrom(atomicReplace(path, renderMetadata(body, options.stateNow().seq, sign), { fs }));
  }
  if (before?.path !== path) removeOthers(options, record, { path, before, list });
  return { path, body, signature };
}

/** After a move to the archive or back. Whatever somebody else did to the old file is kept first. */
function removeOthers(
  options: ViewsOptions,
  record: SessionRecord,
  { path, before, list }: Known & { path: string },
): void {
  const { fs, layout } = options;
  for (const other of namesOfSession(fs, layout.home, { record, list })) {
    if (other === path) continue;
    const isOurs = other === before?.path && signatureOf(fs, other) === before.signature;
    if (!isOurs) keepForeign(options, { path: other, found: inspect(fs, other), sessionId: record.id });
    removeIfThere(fs, other);
  }
}
