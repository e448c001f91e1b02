import { isSigned } from "./line.ts";
import type { Line } from "./segment.ts";
import type { Signer } from "./signer.ts";

/**
 * Decides which lines of the log count. From the first line that was signed with this home's secret on, only signed
 * lines do. The ones before it were written by an earlier version, or before the secret was lost.
 */
export interface Judge {
  accepts(line: Line): boolean;
  /** Whether the index of a packed segment is ours. Only signed lines are packed. */
  acceptsPack(index: Buffer, firstSeq: number): boolean;
  /** The number of the first signed line, or null if none was seen yet. */
  readonly signedFrom: number | null;
}

/** `signedFrom` if it is known already, null if it isn't. */
export function createJudge(signer: Signer, signedFrom: number | null): Judge {
  let from = signedFrom;
  return {
    accepts(line) {
      const isOurs = isSigned(line.line, signer, "line");
      if (isOurs) from ??= line.record.seq;
      return isOurs || from === null || line.record.seq < from;
    },
    acceptsPack(index, firstSeq) {
      const isOurs = isSigned(index, signer, "pack");
      if (isOurs) from ??= firstSeq;
      return isOurs;
    },
    get signedFrom() {
      return from;
    },
  };
}
