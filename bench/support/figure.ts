/** One line of the results: what was measured, the goal, and the same work by hand in the same run. */
export interface Figure {
  id: string;
  what: string;
  unit: "ms" | "MB" | "%" | "processes" | "requests" | "messages";
  /** The median, or what `what` says. */
  figure: number;
  goal: string;
  /** The goal as a number in `unit`, or null if there is none. */
  limit: number | null;
  byHand: { what: string; figure: number } | null;
  ratio: number | null;
  isMet: boolean | null;
  samples: { ao: number[]; byHand: number[] };
  /** The load average of the last minute at the time of measuring. */
  load: number;
  notes: string[];
}

export interface Measured {
  id: string;
  what: string;
  unit: Figure["unit"];
  figure: number;
  goal: string;
  limit?: number;
  byHand?: { what: string; figure: number };
  samples?: Partial<Figure["samples"]>;
  notes?: string[];
}

export function toFigure(measured: Measured, load: number): Figure {
  const { limit, byHand, samples, notes, ...rest } = measured;
  return {
    ...rest,
    limit: limit ?? null,
    byHand: byHand ?? null,
    ratio: byHand === undefined || byHand.figure === 0 ? null : rest.figure / byHand.figure,
    isMet: limit === undefined ? null : rest.figure <= limit,
    samples: { ao: samples?.ao ?? [], byHand: samples?.byHand ?? [] },
    load,
    notes: notes ?? [],
  };
}
