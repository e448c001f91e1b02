import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { memo } from "preact/compat";
import { pathOfSession } from "../routes.ts";
import { answer } from "../session/actions.ts";
import { now } from "../state/clock.ts";
import { openDialog } from "../state/dialogs.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Mark } from "../ui/mark.tsx";
import {
  ciMark,
  costShort,
  doingOf,
  issueTag,
  reasonOf,
  reviewMark,
  statusWord,
  titleOf,
  waitOf,
} from "../words/session-words.ts";
import { StepButton } from "./step-button.tsx";
import { isAnswerable, stepsOf } from "./steps.ts";

interface Props {
  view: SessionView;
  isSelected: boolean;
  onSelect(id: string): void;
}

/** One session: what it is, what it does and how that is known, and what to do next. */
export const Card = memo(function Card({ view, isSelected, onSelect }: Props) {
  const { id, group, issue, status, projectId, agent } = view;
  const doing = doingOf(view);
  const level = view.attention?.level ?? "none";
  return (
    <article
      class={`card ${group}${isSelected ? " selected" : ""}`}
      aria-current={isSelected ? "true" : undefined}
      aria-label={`${id}, ${statusWord(status)}: ${titleOf(view)}`}
      onPointerDown={() => onSelect(id)}
    >
      <StatusIcon view={view} level={level} />
      <div class="card-main">
        <div class="card-title">
          <a href={pathOfSession(id)} title={titleOf(view)}>
            {titleOf(view)}
          </a>
          {issue !== null && <span class="tag">{issueTag(issue)}</span>}
        </div>
        <div class="card-about">
          <span class="id">{id}</span>
          <span class="agent" title={`project ${projectId}`}>
            {oneLine(agent, 30)}
          </span>
          {doing !== null && (
            <span class="doing" title={doing.evidence}>
              {doing.text}
              {doing.evidence !== "" && <span class="evidence">, {doing.evidence}</span>}
            </span>
          )}
          <span class="reason" title={reasonOf(view)}>
            {reasonOf(view)}
          </span>
        </div>
      </div>
      <Facts view={view} />
      {isAnswerable(view) ? <Choices view={view} /> : <Steps view={view} />}
    </article>
  );
});

const STATUS_ICONS: Record<SessionView["group"], IconName> = {
  "needs-you": "ask",
  "ready-to-merge": "merge",
  working: "dot",
  waiting: "clock",
  queued: "clock",
  ended: "check",
};

function StatusIcon({ view, level }: { view: SessionView; level: string }) {
  const isBusy = view.group === "working" && view.activity?.state === "active" && !view.isPaused;
  return (
    <span class={`status ${view.group} ${level}`} title={statusWord(view.status)}>
      {isBusy ? <span class="pulse" /> : <Icon name={STATUS_ICONS[view.group]} />}
    </span>
  );
}

function Facts({ view }: { view: SessionView }) {
  const marks = [ciMark(view), reviewMark(view)].filter((mark) => mark !== null);
  const cost = costShort(view);
  return (
    <div class="card-facts">
      {view.pr !== null && <span class="pr">PR {view.pr.number}</span>}
      {marks.map((mark) => (
        <Mark key={mark.text} {...mark} />
      ))}
      {view.pr?.hasConflicts === true && <Mark tone="bad" text="conflicts" />}
      {cost !== "" && <span class="cost">{cost}</span>}
      <Wait view={view} />
    </div>
  );
}

/** Apart, since it alone changes with the time. */
function Wait({ view }: { view: SessionView }) {
  return <span class="wait">{waitOf(view, now.value)}</span>;
}

function Choices({ view }: { view: SessionView }) {
  const { question } = view;
  if (question === null) return null;
  const shown = question.choices.slice(0, 4);
  return (
    <div class="card-question">
      <p title={question.text}>{oneLine(question.text, 300)}</p>
      <div class="choices">
        {shown.map((choice, at) => (
          <button
            key={`${at} ${choice}`}
            type="button"
            title={oneLine(choice, 300)}
            onClick={() => void answer(view, String(at + 1))}
          >
            <span class="key" aria-hidden="true">
              {at + 1}
            </span>
            <span>{oneLine(choice, 80)}</span>
          </button>
        ))}
        {question.choices.length > shown.length && (
          <a href={pathOfSession(view.id)}>{question.choices.length - shown.length} more</a>
        )}
        {question.takesText && (
          <button type="button" class="quiet" onClick={() => askForWords(view, question.text)}>
            Answer in words
          </button>
        )}
      </div>
    </div>
  );
}

const askForWords = (view: SessionView, text: string): void =>
  openDialog({
    ...{ kind: "words", title: `Answer ${view.id}`, verb: "Answer", isRequired: true },
    ...{ label: "Your answer", text: oneLine(text, 1_000) },
    act: async (words) => void (await answer(view, words, { isText: true })),
  });

function Steps({ view }: { view: SessionView }) {
  const steps = stepsOf(view);
  return (
    <div class="card-steps">
      {steps.map((step) => (
        <StepButton key={step.kind === "command" ? step.command : step.label} step={step} view={view} />
      ))}
    </div>
  );
}
