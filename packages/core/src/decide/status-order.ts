import type { SessionRecord } from "../model/session.ts";
import { StatusGroup } from "../model/session-view.ts";
import { Priority } from "../model/status.ts";
import { at, type Iso } from "../model/time.ts";
import { groupOf } from "./view.ts";

/** How long a session has been as it is: in need of the user, or in its status. */
export const waitsSince = ({ attention, statusSince }: SessionRecord): Iso => attention?.since ?? statusSince;

interface Ranked {
  record: SessionRecord;
  rank: number;
  project: string;
  since: number;
}

/**
 * As `ao status` shows them: by group, in each group the most urgent first, then the one that has waited longest. Sessions of one
 * project that are as urgent stay together, and the project with the longest wait comes first.
 */
export function inStatusOrder(records: readonly SessionRecord[]): SessionRecord[] {
  const ranked = records.map(rankOf);
  const longest = new Map<string, number>();
  for (const { rank, project, since } of ranked) {
    const key = `${rank} ${project}`;
    longest.set(key, Math.min(longest.get(key) ?? Infinity, since));
  }
  const wait = ({ rank, project }: Ranked): number => longest.get(`${rank} ${project}`) ?? 0;
  return ranked
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        wait(a) - wait(b) ||
        (a.project < b.project ? -1 : a.project > b.project ? 1 : 0) ||
        a.since - b.since ||
        numberOf(a) - numberOf(b),
    )
    .map(({ record }) => record);
}

function rankOf(record: SessionRecord): Ranked {
  const { attention, instanceId, projectId } = record;
  const levels = Priority.options.length + 1;
  const level = attention === null ? levels - 1 : Priority.options.indexOf(attention.level);
  return {
    record,
    rank: StatusGroup.options.indexOf(groupOf(record)) * levels + level,
    project: `${instanceId} ${projectId}`,
    since: at(waitsSince(record)),
  };
}

const numberOf = ({ record: { id } }: Ranked): number => Number(id.slice(id.lastIndexOf("-") + 1)) || 0;
