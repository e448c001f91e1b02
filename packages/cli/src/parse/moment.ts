import { AoError } from "@agent-orchestrator/core/model/errors";

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

interface Wanted {
  nowMs: number;
  /** A duration and a time of day lie on this side of now. */
  side: "past" | "future";
  /** What is named in an error. */
  name: string;
}

/** A moment: `8h` from now, the nearest `14:30`, or `2026-01-31 14:30` in the machine's time zone. In milliseconds. */
export function momentOf(text: string, { nowMs, side, name }: Wanted): number {
  const words = text.trim();
  const sign = side === "past" ? -1 : 1;
  const duration = /^(\d{1,6}(?:\.\d{1,3})?) ?(s|m|h|d)$/.exec(words);
  if (duration !== null) return nowMs + sign * Math.round(Number(duration[1]) * (UNITS[duration[2] ?? ""] ?? 0));
  const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(words);
  if (time !== null) {
    const at = new Date(nowMs);
    at.setHours(Number(time[1]), Number(time[2]), 0, 0);
    if ((at.getTime() - nowMs) * sign <= 0) at.setDate(at.getDate() + sign);
    return at.getTime();
  }
  const date = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(words);
  const at = date
    ? Date.parse(/^\d{4}-\d\d-\d\d$/.test(words) ? `${words}T00:00` : words.replace(" ", "T"))
    : Number.NaN;
  if (Number.isNaN(at)) {
    throw new AoError("USAGE", `${name}: ${JSON.stringify(text)} is no time`, {
      hint: "Use a duration such as 30m or 8h, a time such as 14:30, or a date such as 2026-01-31.",
    });
  }
  if ((at - nowMs) * sign < 0) {
    throw new AoError("USAGE", `${name}: ${words} ${side === "past" ? "has not come yet" : "has passed"}`);
  }
  return at;
}
