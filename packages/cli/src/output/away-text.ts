import type { Away } from "@agent-orchestrator/core/protocol/results";

/** One line for the user who is back. */
export function awayText({ forMs, merged, need }: Away): string {
  const hours = Math.round(forMs / 3_600_000);
  const happened = [
    ...(merged > 0 ? [`${merged} merged`] : []),
    ...(need > 0 ? [need === 1 ? "1 needs you" : `${need} need you`] : []),
  ];
  const what = happened.length === 0 ? "sessions went on" : happened.join(", ");
  return `While you were away (${hours} h): ${what}. See it with \`ao digest --since ${hours}h\`.`;
}
