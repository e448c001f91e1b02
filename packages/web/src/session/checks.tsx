import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { age, cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { CheckRow } from "@agent-orchestrator/core/protocol/results";
import { useMemo, useState } from "preact/hooks";
import { Mark } from "../ui/mark.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Empty, Loading, Problem } from "../ui/states.tsx";
import { place, Windowed } from "../ui/windowed.tsx";
import type { Tone } from "../words/session-words.ts";
import { isFailureLine, logRows } from "./log-lines.ts";
import { useAsk, useWhile } from "./use-session.ts";

const TONES: Record<CheckRow["status"], Tone> = {
  passed: "good",
  failed: "bad",
  running: "busy",
  pending: "busy",
  skipped: "none",
};
const ORDER: Record<CheckRow["status"], number> = { failed: 0, running: 1, pending: 2, passed: 3, skipped: 4 };

const isGoingOn = ({ status }: Pick<CheckRow, "status">): boolean => status === "running" || status === "pending";

/** The checks of the pull request's head, those that fail first, each with the part of its log that says why. */
export function Checks({ view }: { view: SessionView }) {
  const key = `${view.id} ${view.pr?.headSha ?? ""} ${view.pr?.ci ?? ""} ${view.statusSince}`;
  const asked = useAsk("checks", { session: view.id }, key);
  const { data, error, again } = asked;
  useWhile(data?.checks.some(isGoingOn) ?? false, asked);
  if (data === null) return error === null ? <Loading what="the checks" /> : <Problem error={error} onRetry={again} />;
  if (data.pr === null) {
    return (
      <Empty title="No pull request yet.">
        <p>CI runs on pull requests.</p>
      </Empty>
    );
  }
  if (data.checks.length === 0) return <Empty title="This pull request has no checks." />;
  const rows = [...data.checks].sort((a, b) => ORDER[a.status] - ORDER[b.status] || (a.name < b.name ? -1 : 1));
  return (
    <Scroll label="Checks" class="checks">
      <p class="hint">
        On {data.pr.headSha.slice(0, 10)} of PR {data.pr.number}
      </p>
      <ul>
        {rows.map((row) => (
          <Check key={row.name} row={row} session={view.id} />
        ))}
      </ul>
    </Scroll>
  );
}

function Check({ row, session }: { row: CheckRow; session: string }) {
  const [isWhole, setWhole] = useState(false);
  const { name, status, durationMs, isRequired, failsOnBase, problem, excerpt } = row;
  return (
    <li class={`check ${status}`}>
      <div class="check-head">
        <Mark tone={problem === null ? TONES[status] : "none"} text={name} />
        <span class="hint">
          {[
            problem === null ? status : "cannot run here",
            durationMs === null ? null : `in ${age(durationMs)}`,
            isRequired ? null : "not required",
            failsOnBase === true ? "fails on the base as well" : null,
          ]
            .filter(Boolean)
            .join(", ")}
        </span>
        <span class="grow" />
        {status !== "skipped" && (
          <button type="button" class="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Hide the log" : "Whole log"}
          </button>
        )}
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      {excerpt !== null && !isWhole && <Excerpt text={excerpt} />}
      {isWhole && <WholeLog session={session} row={row} />}
    </li>
  );
}

function Excerpt({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls is reached by the keyboard.
    <pre class="log" tabIndex={0}>
      {cleanForTerminal(text)
        .split("\n")
        .map((line, at) => (
          <span key={`${at} ${line}`} class={isFailureLine(line) ? "failing" : ""}>
            {line}
            {"\n"}
          </span>
        ))}
    </pre>
  );
}

function WholeLog({ session, row }: { session: string; row: CheckRow }) {
  const { name, status } = row;
  const asked = useAsk("checks", { session, check: name, log: true }, `${session} ${name} ${status}`);
  const { data, error, again } = asked;
  useWhile(isGoingOn(row), asked);
  const text = data?.logs?.map(({ text: words }) => words).join("\n") ?? "";
  const rows = useMemo(() => logRows(text), [text]);
  const placing = useMemo(() => place(rows, () => 18), [rows]);
  if (data === null) return error === null ? <Loading what="the log" /> : <Problem error={error} onRetry={again} />;
  const first = rows.find(({ isFailure }) => isFailure)?.key ?? null;
  return (
    <Windowed label={`Log of ${name}`} class="whole-log code" placing={placing} shows={first} columns={160}>
      {({ number, line, isFailure }) => (
        <p class={`line${isFailure ? " failing" : ""}`}>
          <span class="number">{number}</span>
          <code>{line}</code>
        </p>
      )}
    </Windowed>
  );
}
