import { z } from "zod";

/** ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const Iso = z.iso.datetime();
export type Iso = z.infer<typeof Iso>;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `"500ms" "30s" "5m" "1h" "7d"`, or a bare number of milliseconds; null when it is none of these. */
export function parseDuration(text: string | number): number | null {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? text : null;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = match?.[2] === undefined ? undefined : UNIT_MS[match[2]];
  return match?.[1] === undefined || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

/** Short and for humans: `4 s`, `12 m`, `3 h 5 m`, `2 d`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d`;
}

/** A duration in a config: text with a unit, or a number of milliseconds. Parsed to milliseconds. */
export const DurationMs = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const ms = parseDuration(value);
  if (ms === null) {
    ctx.addIssue({ code: "custom", message: "must be a duration such as `1h`" });
    return z.NEVER;
  }
  return ms;
});

/** The ISO time of milliseconds since the epoch. */
export const toIso = (ms: number): Iso => new Date(ms).toISOString();

/** Milliseconds since the epoch of an ISO time. */
export const at = (iso: Iso): number => Date.parse(iso);
