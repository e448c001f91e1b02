import type { Clock } from "../host/clock.ts";
import type { Fs } from "../host/fs-port.ts";
import { isAoError, toAoError } from "../model/errors.ts";
import { EVENT_PRIORITY, type OrchestratorEvent } from "../model/event.ts";
import type { State } from "../model/state.ts";
import { writePutAway } from "./archive.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { diffState } from "./diff.ts";
import type { Layout } from "./layout.ts";
import type { Loaded } from "./load.ts";
import type { LogWriter, RecordDraft } from "./log.ts";
import { type Problem, problem, type Report } from "./problem.ts";
import type { LogRecord } from "./segment.ts";
import type { Signer } from "./signer.ts";
import { createSpaceGuard } from "./space.ts";
import type { Commit, CommitEvent } from "./store.ts";

export interface WriterOptions {
  fs: Fs;
  layout: Layout;
  clock: Clock;
  log: LogWriter;
  report: Report;
  /** Withdraws a problem that is over. */
  settle: (kind: Problem["kind"]) => void;
  start: Pick<Loaded, "state" | "damaged" | "signedFrom">;
  signer: Signer;
  epoch: number;
  reserveBytes?: number;
  checkpointEvery?: number;
}

export interface Writer {
  readonly state: State;
  readonly isDegraded: boolean;
  /** The new epoch and what recovery found, as the first lines of this run. */
  begin(problems: readonly Problem[]): void;
  /** Writes a signed checkpoint in the place of one that is not. Before `begin`. */
  sign(): void;
  commit(commit: Commit): OrchestratorEvent[];
  checkpoint(): void;
  close(): void;
}

const CHECKPOINT_EVERY = 5000;
const MAX_LOGGED_PROBLEMS = 20;

/** Keeps the state and the log in step. */
export function createWriter(options: WriterOptions): Writer {
  const { layout, log, epoch } = options;
  let state = options.start.state;
  const append = (drafts: RecordDraft[]): LogRecord[] => {
    const records = log.append(drafts);
    state = { ...state, seq: log.lastSeq, epoch };
    return records;
  };
  const space = createSpaceGuard(options, (isDegraded) => append([{ type: "ao.degraded", isDegraded }]));
  const saver = createSaver(options, () => state);
  return {
    get state() {
      return state;
    },
    get isDegraded() {
      return space.isDegraded;
    },
    begin(problems) {
      const logged = problems.slice(0, MAX_LOGGED_PROBLEMS).map((found) => ({ type: "ao.problem", problem: found }));
      const drafts = [{ type: "ao.epoch" }, ...logged];
      space.begin(() => append(drafts));
    },
    commit({ next, events }) {
      const drafts = [...diffState(state, next), ...events.map(toDraft)];
      if (drafts.length === 0) {
        state = { ...next, seq: log.lastSeq, epoch };
        return [];
      }
      space.guard(() => writePutAway(options, state, next));
      const records = space.guard(() => append(drafts));
      state = { ...next, seq: log.lastSeq, epoch };
      if (!space.isDegraded) saver.saveWhenDue();
      return records.slice(records.length - events.length) as unknown as OrchestratorEvent[];
    },
    sign: () => saver.sign(),
    checkpoint: () => saver.save(),
    close() {
      space.close();
      try {
        if (log.poisonedBy === null) saver.save();
      } catch (error) {
        options.report(problem("checkpoint-failed", toAoError(error).message, { path: layout.checkpoint }));
      }
      log.close();
    },
  };
}

/** Writes checkpoints, at each new segment and after every so many records. */
function createSaver(options: WriterOptions, stateNow: () => State) {
  const { fs, layout, log, signer, start } = options;
  const every = options.checkpointEvery ?? CHECKPOINT_EVERY;
  let saved = { seq: start.state.seq, rotations: 0 };
  const save = (): void => {
    const state = stateNow();
    if (saved.seq !== state.seq) write(state);
  };
  const write = (state: State): void => {
    const { damaged, signedFrom } = start;
    const file = { fs, path: layout.checkpoint, previous: layout.previousCheckpoint, signer };
    writeCheckpoint(file, { state, damaged, signedFrom });
    saved = { seq: state.seq, rotations: log.rotations };
  };
  return {
    save,
    sign() {
      if (start.state.seq > 0) write(start.state);
    },
    saveWhenDue() {
      const { seq } = stateNow();
      if (log.rotations === saved.rotations && seq - saved.seq < every) return;
      try {
        save();
      } catch (error) {
        // It only speeds up the next start, so don't retry before it is due again.
        saved = { seq, rotations: log.rotations };
        if (!isAoError(error)) throw error;
        options.report(problem("checkpoint-failed", error.message, { path: layout.checkpoint }));
      }
    },
  };
}

function toDraft({ draft, sessionId, projectId }: CommitEvent): RecordDraft {
  const { type, message, data } = draft;
  return { type, priority: draft.priority ?? EVENT_PRIORITY[type], projectId, sessionId, message, data };
}
