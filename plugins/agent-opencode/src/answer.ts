import { notOpen } from "@agent-orchestrator/agent-kit/answers";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { type Ask, answersOf, dialogOf, openPermissions, PERMISSION_CHOICES } from "./asks.ts";
import { changeRecord, readRecord } from "./launch/record.ts";
import { type Reached, type ReachOptions, reach } from "./server/reach.ts";
import { type PermissionRequest, QuestionRequest, Status } from "./server/wire.ts";

export interface AnswerCall extends ReachOptions {
  session: Session;
  dialog: Dialog;
  choice: string;
  number: number | null;
  isAlways: boolean;
  /** What is known about this request: the answers to its earlier questions. Null if nothing watches. */
  known: Ask | null;
}

/** Answers exactly this request through OpenCode's server. Throws REFUSED if it is no longer open. */
export async function answer(call: AnswerCall): Promise<void> {
  const reached = await reach(call.session, call);
  const ask = await openAsk(reached, call);
  if (ask === null || dialogOf(ask).id !== call.dialog.id) {
    throw notOpen();
  }
  if (ask.kind === "permission") await answerPermission(reached, ask.request, call);
  else await answerQuestion(reached, ask, call);
}

/** The request that OpenCode has open under this id. If it has several questions, the id ends in a slash and the question's number. */
async function openAsk({ server }: Reached, { session, dialog, known, signal }: AnswerCall): Promise<Ask | null> {
  const id = dialog.id.split("/")[0];
  const [permissions, questions, statuses] = await Promise.all([
    openPermissions(server, { sessionDir: session.sessionDir, signal }),
    server.get("/question", z.array(QuestionRequest), { signal }),
    server.get("/session/status", z.record(z.string(), Status), { signal }),
  ]);
  // Requests that an abort left in the lists belong to an idle conversation.
  const isWaitedFor = (each: { id: string; sessionID: string }): boolean =>
    each.id === id && (statuses?.[each.sessionID]?.type ?? "idle") !== "idle";
  const permission = permissions.find(isWaitedFor);
  if (permission !== undefined) return { kind: "permission", request: permission };
  const question = questions?.find(isWaitedFor);
  if (question === undefined) return null;
  return known?.kind === "question" && known.request.id === id
    ? known
    : { kind: "question", request: question, answered: [] };
}

async function answerPermission({ server }: Reached, request: PermissionRequest, call: AnswerCall): Promise<void> {
  const { choice, number, isAlways, signal, session } = call;
  const picked = number === null ? choiceNamed(choice) : PERMISSION_CHOICES[number - 1];
  // With free text OpenCode can only reject, which nobody would expect from a "yes".
  if (picked === undefined) {
    throw new AoError("REFUSED", `nothing was answered: ${oneLine(choice, 60)} is none of this permission's choices`, {
      hint: `The choices are: ${PERMISSION_CHOICES.map(({ label }, index) => `${index + 1} ${label}`).join(" · ")}`,
    });
  }
  if (isAlways && picked.reply === "reject") throw new AoError("REFUSED", "OpenCode has no way to reject permanently");
  const reply = isAlways ? "always" : picked.reply;
  if (!(await server.post(`/permission/${request.id}/reply`, { signal, body: { reply } }))) {
    throw new AoError("REFUSED", "this permission has been settled, so nothing was answered");
  }
  if (reply === "always") remember(session, request);
}

function choiceNamed(words: string): (typeof PERMISSION_CHOICES)[number] | undefined {
  const wanted = words.trim().toLowerCase();
  return PERMISSION_CHOICES.find(({ label }) => label.toLowerCase() === wanted);
}

/** OpenCode forgets an "always" when it ends. The next launch of this session passes it again. */
function remember(session: Session, { permission, always }: PermissionRequest): void {
  const allowed = readRecord(session.sessionDir)?.allowed ?? {};
  const patterns = [...new Set([...(allowed[permission] ?? []), ...always])];
  changeRecord(session.sessionDir, { allowed: { ...allowed, [permission]: patterns } });
}

async function answerQuestion(
  { server }: Reached,
  ask: Extract<Ask, { kind: "question" }>,
  call: AnswerCall,
): Promise<void> {
  const { request } = ask;
  const { choice, number, isAlways, signal } = call;
  if (isAlways) throw new AoError("REFUSED", "a question has no permanent answer");
  const options = request.questions[ask.answered.length]?.options ?? [];
  const picked = number === null ? undefined : options[number - 1]?.label;
  if (number !== null && picked === undefined) throw new AoError("REFUSED", `there is no choice ${number}`);
  const said = picked === undefined ? answersOf(ask, choice) : [picked];
  const answers = [...ask.answered, said];
  if (answers.length < request.questions.length) {
    ask.answered = answers;
    return;
  }
  if (!(await server.post(`/question/${request.id}/reply`, { signal, body: { answers } }))) {
    throw new AoError("REFUSED", "this question has been settled, so nothing was answered");
  }
}
