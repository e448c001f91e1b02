/** One line of the result: what was measured, the goal, and the same work by hand in the same run. */
export interface Figure {
  id: string;
  what: string;
  unit: "ms" | "MB" | "%" | "processes" | "requests";
  /** The median, or what `what` says. */
  figure: number;
  goal: string;
  /** The goal as a number in `unit`; null where there is none to compare with. */
  limit: number | null;
  byHand: { what: string; figure: number } | null;
  ratio: number | null;
  isMet: boolean | null;
  samples: { ao: number[]; byHand: number[] };
  /** Load average of the last minute when it was measured. */
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
