import { type Fs, realFs } from "../host/fs-port.ts";
import { createJudge } from "./judge.ts";
import { layoutOf } from "./layout.ts";
import { packClosed } from "./pack.ts";
import type { Problem } from "./problem.ts";
import { createReader, type LogFilter, type ReadQuery } from "./read-log.ts";
import { verifyLog } from "./scan-log.ts";
import type { LogRecord } from "./segment.ts";
import { createSigner } from "./signer.ts";
import { readSince, type Since, type SinceQuery } from "./since.ts";

/** What reading the whole log needs, as plain data that can be sent to another thread. */
export interface LogSource {
  home: string;
  /** The text of `daemon/secret`. */
  secret: string;
  /** From this line on, only signed ones count. */
  signedFrom: number;
}

/** Work over the log that takes as long as the log is, by name: what it needs and what it gives. */
export interface LogJobs {
  tail: { wanted: { limit: number; filter: LogFilter }; result: LogRecord[] };
  read: { wanted: ReadQuery; result: LogRecord[] };
  since: { wanted: SinceQuery; result: Since };
  /** Reads every line, and returns what is wrong. */
  verify: { wanted: null; result: Problem[] };
  /** Packs what is closed, and returns how many segments that were. */
  pack: { wanted: null; result: number };
}

export type LogJob = { [K in keyof LogJobs]: { name: K; wanted: LogJobs[K]["wanted"] } }[keyof LogJobs];

/** Does it here and now, however long it takes. */
export function runLogJob(source: LogSource, job: LogJob, fs: Fs = realFs): LogJobs[keyof LogJobs]["result"] {
  const dir = layoutOf(source.home).events;
  const signer = createSigner(source.secret);
  const reader = () => createReader({ dir, fs, judge: createJudge(signer, source.signedFrom) });
  switch (job.name) {
    case "tail":
      return reader().tail(job.wanted.limit, job.wanted.filter);
    case "read":
      return [...reader().read(job.wanted)];
    case "since":
      return readSince(reader(), job.wanted);
    case "verify":
      return verifyLog(fs, dir, signer);
    case "pack":
      return packClosed({ fs, dir, signer });
  }
}
