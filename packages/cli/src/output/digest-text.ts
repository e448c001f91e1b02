import { age, ageOf, costText, oneLine } from "@agent-orchestrator/core/model/text";
import type { Digest } from "@agent-orchestrator/core/protocol/results";
import { clockTime, fit, fold, pad, widthOf } from "./format.ts";
import { unpricedNote } from "./spend-line.ts";

/** Rows of one part. There is always `--json`, and `ao events`. */
const MOST_ROWS = 8;

type Row = readonly [id: string, text: string, when: string];

/** A digest in a few lines of at most `columns`. */
export function digestText(digest: Digest, columns: number): string {
  const { since, until, merged, failed, waits, now } = digest;
  const untilMs = Date.parse(until);
  const time = (iso: string) => clockTime(iso, untilMs);
  const mergedRows = merged.map(({ sessionId, text, at }): Row => [sessionId, text, time(at)]);
  const failedRows = failed.map(({ sessionId, text, at }): Row => [sessionId, text, time(at)]);
  const waitRows = waits.map(({ sessions, reason, since: from }): Row => {
    const more = sessions.length > 1 ? ` +${sessions.length - 1}` : "";
    return [`${sessions[0]?.id ?? ""}${more}`, reason, `waits ${ageOf(from, untilMs)}`];
  });
  const lines = [
    `Since ${time(since)} (${age(untilMs - Date.parse(since))})`,
    ...part("Merged", mergedRows, columns),
    ...part("Went wrong", failedRows, columns),
    "",
    ...folded(countsLine(digest), columns),
    ...folded(`Cost: ${costLine(digest)}`, columns),
    ...part("Waits for you", waitRows, columns),
    "",
    ...folded(
      `Now: ${now.working} working, ${now.waiting} waiting, ${now.queued} queued${snoozedText(digest)}`,
      columns,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

const folded = (line: string, columns: number): string[] => fold(oneLine(line, 1_000), columns).split("\n");

const snoozedText = ({ snoozed }: Digest): string => (snoozed === 0 ? "" : `, ${snoozed} snoozed`);

function part(title: string, rows: readonly Row[], columns: number): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST_ROWS);
  const ids = shown.map(([id]) => oneLine(id, 40));
  const [idWidth, whenWidth] = [Math.max(...ids.map(widthOf)), Math.max(...shown.map(([, , when]) => widthOf(when)))];
  const room = columns - 2 - idWidth - 2 - 2 - whenWidth;
  const lines = shown.map(([, text, when], at) => {
    const words = room < 10 ? "" : `  ${pad(fit(text, room), room)}`;
    return `  ${pad(ids[at] ?? "", idWidth)}${words}  ${when}`.trimEnd();
  });
  const more = rows.length > MOST_ROWS ? [`  … ${rows.length - MOST_ROWS} more`] : [];
  return ["", `${title} (${rows.length})`, ...lines, ...more];
}

const counted = (count: number, one: string, many = `${one}s`): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

function countsLine({ counts, isCut, merged, failed }: Digest): string {
  const parts = [
    ...counted(counts.started, "start"),
    ...counted(counts.opened, "pull request opened", "pull requests opened"),
    ...counted(counts.asked, "question"),
    ...counted(counts.ciFailed, "failing CI run"),
    ...counted(counts.fixesSent, "fix sent", "fixes sent"),
    ...counted(counts.reviewsSent, "review sent", "reviews sent"),
  ];
  if (parts.length > 0) return `Also: ${isCut ? "at least " : ""}${parts.join(", ")}`;
  return merged.length + failed.length === 0 ? "Nothing happened." : "Nothing else happened.";
}

function costLine({ cost, isCostWhole }: Digest): string {
  if (cost.tokens === 0 && cost.knownUsd === 0) return isCostWhole ? "nothing" : "unknown";
  const notes = [...unpricedNote(cost), ...(isCostWhole ? [] : ["some of it is too old to be told apart"])];
  return notes.length === 0 ? costText(cost) : `${costText(cost)} (${notes.join("; ")})`;
}
