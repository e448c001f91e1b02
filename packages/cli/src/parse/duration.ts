import { AoError } from "@agent-orchestrator/core/model/errors";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90`, `60s`, `1.5m` or `2h`. A bare number is seconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) {
    throw new AoError("USAGE", `${option}: ${JSON.stringify(text)} is not a duration`, {
      hint: "Use a number with a unit, such as 30s, 10m or 1h.",
    });
  }
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? "s"] as number));
}

/** The whole number that an option has. */
export function parseCount(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new AoError("USAGE", `${option}: ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}
