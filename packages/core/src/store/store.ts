import { type Clock, toIso } from "../host/clock.ts";
import { ensureDir } from "../host/files.ts";
import { type Fs, realFs } from "../host/fs-port.ts";
import { guardFolder } from "../host/guarded.ts";
import { AoError } from "../model/errors.ts";
import type { EventDraft, OrchestratorEvent } from "../model/event.ts";
import type { State } from "../model/state.ts";
import { type Archive, createArchive } from "./archive.ts";
import { openSecret } from "./caller-files.ts";
import { checkFormat, FORMAT, markFormat } from "./checkpoint.ts";
import { readDaemonInfo } from "./daemon-info.ts";
import { prepareHome } from "./home.ts";
import { createJudge } from "./judge.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type Loaded, loadState } from "./load.ts";
import { type Lock, tryLock } from "./lock.ts";
import { type LogWriter, openLog } from "./log.ts";
import type { LogSource } from "./log-jobs.ts";
import { type Problem, problem, type Report } from "./problem.ts";
import { createReader, type LogReader } from "./read-log.ts";
import { createSigner, type Signer } from "./signer.ts";
import { createViews, type Views } from "./views.ts";
import { createWriter } from "./writer.ts";

export interface CommitEvent {
  draft: EventDraft;
  sessionId: string | null;
  projectId: string | null;
}

export interface Commit {
  /** The whole state after this step. Its `seq` and `epoch` are ignored, because the log assigns them. */
  next: State;
  events: readonly CommitEvent[];
}

export interface Store {
  readonly layout: Layout;
  /** As of the last commit. Immutable. */
  readonly state: State;
  /** What is wrong with the folder, found at the start or later, and not over yet. */
  readonly problems: readonly Problem[];
  /** The disk was full and the reserve is in use. Start nothing new. */
  readonly isDegraded: boolean;
  /** Why nothing can be committed until a restart, or null. */
  readonly poisonedBy: string | null;
  /**
   * Makes the whole step durable, or nothing of it, and returns its public events as they are in the log. On an error
   * (NO_SPACE: try again later; UNAVAILABLE: reopen) the state is the old one.
   */
  commit(commit: Commit): OrchestratorEvent[];
  /** The metadata files. Written by themselves shortly after a commit. */
  readonly views: Views;
  /** Reads the log. Sees everything that is committed. */
  readonly log: LogReader;
  readonly archive: Archive;
  /** For reading the log elsewhere. */
  readonly logSource: LogSource;
  /** Writes a checkpoint, so that the next start need not replay the log. Happens automatically now and then, and in `close`. */
  checkpoint(): void;
  /** Writes what is pending and releases the lock. */
  close(): void;
}

export interface OpenOptions {
  home: string;
  clock: Clock;
  ids: () => string;
  fs?: Fs;
  /** Called for each problem as it is found. */
  onProblem?: (problem: Problem) => void;
  /** Called after each file of the log that the start reads. Without a checkpoint these are all of them. */
  onFile?: (done: number, of: number) => void;
  /** A lock that was taken before. By default the store takes it, and throws TRY_AGAIN if another process has it. */
  lock?: Lock;
  segmentBytes?: number;
  reserveBytes?: number;
  /** How many records are committed between two checkpoints. */
  checkpointEvery?: number;
}

/** Opens the state folder as its one writer: lock, recovery, replay, a new epoch, views rolled forward. */
export function openStore(options: OpenOptions): Store {
  const fs = options.fs ?? realFs;
  const layout = layoutOf(options.home);
  const found = prepareHome(fs, options.home);
  guardFolder(options.home);
  ensureDir(layout.daemon, { fs });
  const lock = options.lock ?? lockOrThrow(layout, fs);
  try {
    return openLocked({ ...options, fs, layout, lock, found });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function lockOrThrow(layout: Layout, fs: Fs): Lock {
  const lock = tryLock(layout.lock, fs);
  if (lock !== null) return lock;
  const owner = readDaemonInfo(layout, fs);
  const who = owner === null ? "another ao process" : `the ao daemon with pid ${owner.pid}`;
  throw new AoError("TRY_AGAIN", `${who} has the state folder ${layout.home}`, {
    hint: "Wait a moment. `ao status` talks to it.",
    details: { ...owner },
  });
}

interface Opened extends OpenOptions {
  fs: Fs;
  layout: Layout;
  lock: Lock;
  found: Problem[];
}

function openLocked(opened: Opened): Store {
  const { fs, layout, lock, clock } = opened;
  const format = checkFormat(fs, layout.format);
  const { secret, isNew } = openSecret(layout, fs);
  const signer = createSigner(secret);
  const problems: Problem[] = [];
  const report = (found: Problem): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(found);
    opened.onProblem?.(found);
  };
  const settle = (kind: Problem["kind"]): void => {
    problems.splice(0, problems.length, ...problems.filter((found) => found.kind !== kind));
  };
  opened.found.forEach(report);
  if (isNew && hasSignatures(format)) report(problem("secret-lost", SECRET_LOST, { path: layout.secret }));
  const isUnsigned = isNew || !hasSignatures(format);
  const loaded = loadState({ fs, layout, report, signer, isUnsigned, onFile: opened.onFile });
  const log = openLogAt(opened, { loaded, signer, report });
  const tuning = { ...pick(opened, "reserveBytes"), ...pick(opened, "checkpointEvery") };
  const epoch = loaded.state.epoch + 1;
  const writer = createWriter({ fs, layout, clock, log, report, settle, signer, start: loaded, epoch, ...tuning });
  if (isUnsigned) writer.sign();
  writer.begin(problems);
  if (format !== FORMAT) markFormat(fs, layout.format);
  writer.commit({ next: withRebuilt(writer.state, loaded.rebuilt), events: [] });
  const views = createViews({ fs, layout, clock, report, signer, isUnsigned, stateNow: () => writer.state });
  views.rollForward();
  return {
    layout,
    get state() {
      return writer.state;
    },
    problems,
    get isDegraded() {
      return writer.isDegraded;
    },
    get poisonedBy() {
      return log.poisonedBy;
    },
    commit(commit) {
      const before = writer.state;
      const events = writer.commit(commit);
      views.changed(before, writer.state);
      return events;
    },
    views,
    log: createReader({ dir: layout.events, fs, judge: createJudge(signer, loaded.signedFrom) }),
    archive: createArchive({ fs, layout, signer }, () => writer.state),
    logSource: { home: layout.home, secret, signedFrom: loaded.signedFrom },
    checkpoint: () => writer.checkpoint(),
    close() {
      views.close();
      writer.close();
      lock.release();
    },
  };
}

/** Formats from 2 on. A new folder has none. */
const hasSignatures = (format: number | null): boolean => format !== null && format >= 2;

/** The log, ready for the first line of this run. */
function openLogAt(opened: Opened, found: { loaded: Loaded; signer: Signer; report: Report }): LogWriter {
  const { fs, layout, clock } = opened;
  const { loaded, signer, report } = found;
  return openLog({
    fs,
    dir: layout.events,
    quarantineDir: layout.quarantine,
    tail: loaded.tail,
    epoch: loaded.state.epoch + 1,
    signer,
    onForeign: (path, what) =>
      report(problem("log-foreign", `${path} ${what}; the log goes on in a new file`, { path })),
    newId: opened.ids,
    isoNow: () => toIso(clock.now()),
    ...pick(opened, "segmentBytes"),
  });
}

const MAX_PROBLEMS = 500;
const SECRET_LOST =
  "daemon/secret was lost. What was written before can't be checked, and running agents can't prove who they are; end those with `ao kill`, then run `ao restore`";

/** Ids are never given out twice, so the numbers of rebuilt sessions count as used. */
function withRebuilt(state: State, rebuilt: Loaded["rebuilt"]): State {
  const ids = Object.keys(rebuilt.sessions);
  if (ids.length === 0) return state;
  const lastNumber = { ...state.lastNumber };
  for (const id of ids) {
    const [, prefix = "", number = "0"] = /^(.+)-(\d+)$/.exec(id.toLowerCase()) ?? [];
    lastNumber[prefix] = Math.max(lastNumber[prefix] ?? 0, Number(number));
  }
  const sessions = { ...state.sessions, ...rebuilt.sessions };
  return { ...state, lastNumber, sessions, instances: { ...rebuilt.instances, ...state.instances } };
}

/** An option if it was given. */
function pick<T extends object, K extends keyof T>(from: T, key: K): { [P in K]?: NonNullable<T[P]> } {
  const value = from[key];
  return value === undefined || value === null ? {} : ({ [key]: value } as { [P in K]: NonNullable<T[P]> });
}
