import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { systemClock } from "../../host/clock.ts";
import { realFs } from "../../host/fs-port.ts";
import { newId } from "../../host/ids.ts";
import { newLife } from "../../model/new-life.ts";
import { type RecordChanges, withChanges } from "../../model/record-changes.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { State } from "../../model/state.ts";
import { openSecret } from "../caller-files.ts";
import { layoutOf } from "../layout.ts";
import type { Problem } from "../problem.ts";
import { verifyLog } from "../scan-log.ts";
import { createSigner } from "../signer.ts";
import { type OpenOptions, openStore, type Store } from "../store.ts";
import type { MemFs } from "./mem-fs.ts";

const AT = "2026-01-01T00:00:00.000Z";

/** A typical session soon after its start. */
export function sampleSession(id: string, more: RecordChanges = {}): SessionRecord {
  const record: SessionRecord = {
    id,
    projectId: "app",
    instanceId: "0123456789ab",
    createdAt: AT,
    task: { issue: { id: "42", title: "Fix \n in the parser", url: "file:///42" }, prompt: null },
    agent: "command",
    runtime: "tmux",
    workspace: "worktree",
    agentOptions: {},
    branch: `feat/${id}`,
    useExistingBranch: false,
    baseBranch: "main",
    ...newLife(AT),
    workspacePath: `/tree/${id}`,
    phase: "running",
    status: "working",
    statusRule: "default",
  };
  return withChanges(record, more);
}

export function withSession(state: State, session: SessionRecord): State {
  return { ...state, sessions: { ...state.sessions, [session.id]: session } };
}

/** Changes one session, and creates it first if it is missing. */
export function changed(state: State, id: string, more: RecordChanges): State {
  return withSession(state, withChanges(state.sessions[id] ?? sampleSession(id), more));
}

/** Everything that the log does not number, for comparing runs. */
export function facts(state: State): Omit<State, "seq" | "epoch"> {
  const { seq: _seq, epoch: _epoch, ...rest } = state;
  return JSON.parse(JSON.stringify(rest)) as Omit<State, "seq" | "epoch">;
}

/** What is wrong with the log of a home, as `ao doctor` finds it. */
export function wrongInLog(home: string): Problem[] {
  const layout = layoutOf(home);
  return verifyLog(realFs, layout.events, createSigner(openSecret(layout).secret));
}

let counter = 0;
const noLock = { release: () => undefined };

/** A store on a file system in memory, with a clock that stands still. */
export function openMem(fs: MemFs, more: Partial<OpenOptions> = {}): Store {
  const ids = () => `id${++counter}`;
  const clock = fakeClock();
  return openStore({ home: "/home", clock, ids, fs, lock: noLock, reserveBytes: 64, segmentBytes: 4000, ...more });
}

/** A store on real files, which the caller closes. */
export function openReal(home: string, more: Partial<OpenOptions> = {}): Store {
  return openStore({ home, clock: systemClock, ids: newId, reserveBytes: 4096, ...more });
}
