import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { ageOf, oneLine } from "@agent-orchestrator/core/model/text";
import { now } from "../state/clock.ts";
import { Mark } from "../ui/mark.tsx";
import { ciMark, reviewMark } from "../words/session-words.ts";
import { OutLink } from "./about.tsx";
import { DOINGS } from "./actions.ts";

/** The pull request, what is missing for a merge, and the three things to do about it. */
export function PrCard({ view }: { view: SessionView }) {
  const { pr } = view;
  if (pr === null) return null;
  const isOpen = pr.state === "open" || pr.state === "draft";
  const marks = [ciMark(view), reviewMark(view)].filter((mark) => mark !== null);
  return (
    <section class="panel pr-card">
      <h2>
        <OutLink url={pr.url}>PR {pr.number}</OutLink>
        <span class={`badge ${pr.state}`}>{pr.state}</span>
      </h2>
      <p class="hint">
        <code>{oneLine(view.branch, 100)}</code> into <code>{oneLine(pr.baseBranch, 100)}</code>, at{" "}
        <code>{pr.headSha.slice(0, 10)}</code>
      </p>
      <ul class="marks">
        {marks.map((mark) => (
          <li key={mark.text}>
            <Mark {...mark} />
          </li>
        ))}
        {pr.hasConflicts === true && (
          <li>
            <Mark tone="bad" text={`conflicts with ${oneLine(pr.baseBranch, 60)}`} />
          </li>
        )}
        {pr.mergeQueue !== undefined && (
          <li>
            <Mark tone="busy" text={`in the merge queue${placeText(pr.mergeQueue.position)}`} />
          </li>
        )}
        {isOpen && pr.mergeable === false && <li class="why">Not ready to merge: {oneLine(view.because, 300)}</li>}
      </ul>
      {isOpen && (
        <div class="pr-actions">
          <button type="button" onClick={() => DOINGS.approve(view)}>
            Approve
          </button>
          <button type="button" onClick={() => DOINGS["request-changes"](view)}>
            Request changes
          </button>
          <button type="button" class={pr.mergeable === true ? "main" : ""} onClick={() => DOINGS.merge(view)}>
            Merge
          </button>
        </div>
      )}
      {isOpen && pr.asOf !== null && <p class="hint">As of {ageOf(pr.asOf, now.value)} ago</p>}
    </section>
  );
}

const placeText = (position: number | null): string => (position === null ? "" : `, place ${position}`);
