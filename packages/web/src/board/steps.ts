import type { SessionView } from "@agent-orchestrator/core/model/session-view";

/** What a button does. `open` goes to a part of the session's page. */
export type Step =
  | { kind: "open"; label: string; tab: Tab }
  | { kind: "do"; label: string; what: Doing; isMain: boolean }
  /** Only the command line has it. */
  | { kind: "command"; command: string };

export type Tab = "terminal" | "changes" | "checks" | "messages" | "timeline" | "conversation" | "about";

export type Doing =
  | "merge"
  | "approve"
  | "restore"
  | "resume"
  | "pause"
  | "kill"
  | "remove"
  | "ready"
  | "interrupt"
  | "interrupt-kill"
  | "send"
  | "handoff"
  | "request-changes"
  | "held";

interface Command {
  name: string;
  rest: string;
}

/** The commands in what the daemon says to do next: `ao diff app-1, or ao send app-1 "…"`. */
export function commandsIn(next: string): Command[] {
  const parts = next.replaceAll("`", "").split(/(?:,? or |, (?:then )?|; )(?=ao )/);
  return parts.flatMap((part) => {
    const [, name, rest = ""] = /^ao ([a-z]+(?:-[a-z]+)?)(.*)$/.exec(part.trim()) ?? [];
    return name === undefined ? [] : [{ name, rest: rest.trim() }];
  });
}

const main = (label: string, what: Doing): Step => ({ kind: "do", label, what, isMain: true });
const open = (label: string, tab: Tab): Step => ({ kind: "open", label, tab });

/** The button for each command. What the daemon says next is said once, there. */
function stepFor({ name, rest }: Command): Step | null {
  switch (name) {
    case "merge":
      return main("Merge", "merge");
    case "restore":
      return main("Restore", "restore");
    case "resume":
      return main("Resume", "resume");
    case "ready":
      return main("Mark as ready", "ready");
    case "send":
      return { kind: "do", label: "Send a message", what: "send", isMain: false };
    case "handoff":
      return { kind: "do", label: "Hand off", what: "handoff", isMain: false };
    case "kill":
      return rest.includes("--rm") ? main("Remove", "remove") : main("End it", "kill");
    case "interrupt":
      return rest.includes("--kill") ? main("End what still runs", "interrupt-kill") : main("Interrupt", "interrupt");
    case "review":
      if (rest.includes("--approve")) return main("Approve", "approve");
      return rest.startsWith("held") ? open("Read the comments", "about") : open("Review the changes", "changes");
    case "diff":
      return open("See the changes", "changes");
    case "attach":
      return open("Open its terminal", "terminal");
    case "checks":
      return open("See why CI fails", "checks");
    case "explain":
      return open("See why", "timeline");
    case "show":
      return open("Look at it", "about");
    default:
      return null;
  }
}

/** The buttons of a card. The choices of a question are shown by themselves. */
export function stepsOf(view: SessionView): Step[] {
  if (view.next === null) return [];
  const steps = commandsIn(view.next).flatMap((command): Step[] => {
    if (command.name === "answer") return [];
    return [stepFor(command) ?? { kind: "command", command: `ao ${command.name} ${command.rest}` }];
  });
  return steps.slice(0, 3);
}

/** Whether its question can be answered from here. */
export const isAnswerable = ({ question }: SessionView): boolean =>
  question !== null && question.onlyInTerminal === null && (question.choices.length > 0 || question.takesText);
