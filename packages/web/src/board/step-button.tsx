import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { go } from "../router.ts";
import { pathOfSession } from "../routes.ts";
import { DOINGS } from "../session/actions.ts";
import type { Step } from "./steps.ts";

export function StepButton({ step, view }: { step: Step; view: SessionView }) {
  if (step.kind === "command") return <code title="Run this in a terminal">{oneLine(step.command, 120)}</code>;
  if (step.kind === "open") {
    return (
      <button type="button" onClick={() => go(pathOfSession(view.id, step.tab))}>
        {step.label}
      </button>
    );
  }
  return (
    <button type="button" class={step.isMain ? "main" : ""} onClick={() => DOINGS[step.what](view)}>
      {step.label}
    </button>
  );
}
