import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Doing } from "../board/steps.ts";
import { act } from "../connect/daemon.ts";
import { go } from "../router.ts";
import { pathOfSession } from "../routes.ts";
import { openDialog } from "../state/dialogs.ts";
import { complain, notify } from "../state/toasts.ts";
import { statusWord } from "../words/session-words.ts";

/** Runs a wish. What it refuses is shown in its words. Returns whether it was done. */
export async function attempt(work: () => Promise<string>): Promise<boolean> {
  try {
    notify(await work());
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

const became = (view: SessionView): string => `${view.id} is ${statusWord(view.status)}`;
const headOf = ({ pr }: SessionView) => (pr === null ? {} : { headSha: pr.headSha });

/** Answers exactly the question that is shown. */
export const answer = (view: SessionView, words: string, more: { isText?: boolean; isAlways?: boolean } = {}) =>
  attempt(async () => {
    const { question } = view;
    const dialogs = [{ session: view.id, dialogId: question?.dialogId ?? null, text: question?.text ?? "" }];
    const [told] = await act("answer", { session: view.id, words, dialogs, ...more });
    const { number = null, choice = words } = told ?? {};
    return `answered ${view.id}: ${number === null ? "" : `${number} `}${oneLine(choice, 60)}`;
  });

export const send = (session: string, text: string, isUrgent = false) =>
  attempt(async () => {
    const told = await act("send", { session, text, isWaiting: false, ...(isUrgent ? { isUrgent } : {}) });
    const held = told.heldFor === null ? "" : `, held: ${oneLine(told.heldFor, 80)}`;
    return told.state === "accepted" ? `${session} received it` : `the message to ${session} is ${told.state}${held}`;
  });

export function review(view: SessionView, state: "approved" | "changes_requested" | "commented", body: string) {
  return attempt(async () => became(await act("review", { session: view.id, state, body, ...headOf(view) })));
}

/** What each button does. What cannot be undone asks once. */
export const DOINGS: Record<Doing, (view: SessionView) => void> = {
  merge(view) {
    const { pr, id, branch } = view;
    if (pr === null) {
      complain(new Error(`${id} has no pull request`));
      return;
    }
    openDialog({
      ...{ kind: "confirm", title: `Merge PR ${pr.number}?`, verb: "Merge", isDanger: false },
      text: `${id}, branch ${oneLine(branch, 100)} at ${pr.headSha.slice(0, 10)}, into ${oneLine(pr.baseBranch, 100)}.`,
      act: async () => {
        await attempt(async () => became(await act("merge", { session: id, isConfirmed: true, ...headOf(view) })));
      },
    });
  },
  approve: (view) => void review(view, "approved", ""),
  "request-changes": (view) =>
    openDialog({
      ...{ kind: "words", title: `Request changes of ${view.id}`, verb: "Request changes", isRequired: true },
      ...{ label: "What should change", text: "The agent is sent your review." },
      act: async (words) => void (await review(view, "changes_requested", words)),
    }),
  restore: ({ id }) => void attempt(async () => became(await act("restore", { session: id }))),
  ready: ({ id }) => void attempt(async () => became(await act("ready", { session: id }))),
  resume: ({ id }) => void setPaused(id, false),
  pause: ({ id }) => void setPaused(id, true),
  interrupt: ({ id }) => void interrupt(id, false),
  "interrupt-kill": ({ id }) => void interrupt(id, true),
  kill: ({ id }) =>
    openDialog({
      ...{ kind: "confirm", title: `End ${id}?`, verb: "End it", isDanger: true },
      text: "Its agent and everything that it started are ended. Its checkout and its work stay, and it can be restored.",
      act: () => kill(id, false),
    }),
  remove: ({ id }) =>
    openDialog({
      ...{ kind: "confirm", title: `End ${id} and remove its checkout?`, verb: "Remove", isDanger: true },
      text: "Its work is saved first, and a restore brings it back.",
      act: () => kill(id, true),
    }),
  send: (view) =>
    openDialog({
      ...{ kind: "words", title: `Send a message to ${view.id}`, verb: "Send", isRequired: true },
      ...{ label: "Message", text: "It is delivered as soon as the agent can accept one." },
      act: async (words) => void (await send(view.id, words)),
    }),
  handoff: ({ id, agent, projectId }) => openDialog({ kind: "handoff", session: id, agent, projectId }),
  held: ({ id }) => go(pathOfSession(id, "about")),
};

const setPaused = (target: string, isPaused: boolean) =>
  attempt(async () => {
    const told = await act("pause", { target, isPaused });
    return `${told.target} is ${told.isPaused ? "paused" : "resumed"}`;
  });

const interrupt = (id: string, kills: boolean) =>
  attempt(async () => {
    const views = await act("interrupt", { sessions: [id], ...(kills ? { kills } : {}) });
    return views.map(became).join(", ");
  });

async function kill(id: string, remove: boolean): Promise<void> {
  await attempt(async () => {
    const views = await act("kill", { sessions: [id], ...(remove ? { remove, isConfirmed: true } : {}) });
    return views.map(became).join(", ");
  });
}
