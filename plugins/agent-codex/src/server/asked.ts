import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { z } from "zod";
import { CommandApproval, Elicitation, FileApproval, type Item, PermissionsApproval, UserInput } from "./wire.ts";

export type RequestId = number | string;

export interface Request {
  id: RequestId;
  method: string;
  params: unknown;
}

/** One question of a request as the user sees it, and what each answer means. */
export interface Question {
  dialog: Dialog;
  choices: Choice[];
  /** The reply for free text, or null if it accepts none. */
  reply: ((text: string) => unknown) | null;
}

/** A request of the app server that waits for an answer. */
export interface Asked {
  id: RequestId;
  threadId: string;
  /** The key under which replies to its first questions survive a restart. Absent if there is only one question, or a secret. */
  key?: string | undefined;
  /** The command that wants to run, if it is one. */
  command: string | null;
  questions: Question[];
  /** The answer to the request, from the replies to all questions. */
  result(replies: readonly unknown[]): unknown;
}

const MAX_TEXT = 4000;
const text = (lines: (string | null | undefined)[]): string =>
  cleanForTerminal(lines.filter((line) => line !== null && line !== undefined && line !== "").join("\n")).slice(
    0,
    MAX_TEXT,
  );

/** What is asked, or null if it is not for a user (a tool that the terminal program runs, a token to renew). */
export function askedBy(request: Request, items: ReadonlyMap<string, Item>): Asked | null {
  switch (request.method) {
    case "item/commandExecution/requestApproval":
      return ofCommand(request);
    case "item/fileChange/requestApproval":
      return ofFiles(request, items);
    case "item/tool/requestUserInput":
      return ofQuestions(request);
    case "item/permissions/requestApproval":
      return ofPermissions(request);
    case "mcpServer/elicitation/request":
      return ofElicitation(request);
    default:
      return null;
  }
}

function ofCommand(request: Request): Asked | null {
  const parsed = CommandApproval.safeParse(request.params);
  if (!parsed.success) return null;
  const { threadId, itemId, reason, command, kind } = parsed.data;
  const host = parsed.data.networkApprovalContext?.host;
  const title =
    host !== undefined && host !== null
      ? `Do you want to approve network access to "${host}"?`
      : kind === "stdin"
        ? "Would you like to send input to the existing terminal?"
        : "Would you like to run the following command?";
  const choices = commandChoices(parsed.data.availableDecisions ?? ["accept", "cancel"]);
  const question = permission(
    dialogId(itemId, request.params),
    text([title, reason, command && `$ ${command}`]),
    choices,
  );
  return {
    id: request.id,
    threadId,
    command: kind === "command" || kind === undefined || kind === null ? (command ?? null) : null,
    questions: [question],
    result: ([reply]) => reply,
  };
}

function ofFiles(request: Request, items: ReadonlyMap<string, Item>): Asked | null {
  const parsed = FileApproval.safeParse(request.params);
  if (!parsed.success) return null;
  const { threadId, itemId, reason, grantRoot } = parsed.data;
  const paths = items.get(itemId)?.changes?.map(({ path }) => path) ?? [];
  const root = grantRoot === null || grantRoot === undefined ? null : `Below ${grantRoot}`;
  const words = text(["Would you like to make the following edits?", reason, root, ...paths]);
  const question = permission(dialogId(itemId, request.params), words, FILE_CHOICES);
  return { id: request.id, threadId, command: null, questions: [question], result: ([reply]) => reply };
}

function ofPermissions(request: Request): Asked | null {
  const parsed = PermissionsApproval.safeParse(request.params);
  if (!parsed.success) return null;
  const { threadId, itemId, reason, permissions } = parsed.data;
  const words = text(["Would you like to grant these permissions?", reason, JSON.stringify(permissions)]);
  const question = permission(dialogId(itemId, request.params), words, permissionChoices(permissions));
  return { id: request.id, threadId, command: null, questions: [question], result: ([reply]) => reply };
}

function ofQuestions(request: Request): Asked | null {
  const parsed = UserInput.safeParse(request.params);
  if (!parsed.success || parsed.data.questions.length === 0) return null;
  const { threadId, itemId, questions } = parsed.data;
  const of = questions.length;
  const isKept = of > 1 && !questions.some(({ isSecret }) => isSecret === true);
  return {
    id: request.id,
    threadId,
    key: isKept ? JSON.stringify([request.id, threadId, itemId, questions.map(({ id }) => id)]) : undefined,
    command: null,
    questions: questions.map(({ id, question, options, isOther }, index) => {
      const labels = (options ?? []).map(({ label }) => oneLine(label));
      const takesText = isOther !== false || labels.length === 0;
      return {
        dialog: {
          id: `${dialogId(itemId, request.params)}:${id}`,
          kind: "question",
          text: text([of > 1 ? `(${index + 1} of ${of}) ${question}` : question]),
          choices: labels,
          takesText,
        },
        choices: (options ?? []).map(({ label }) => ({ label, reply: { answers: [label] } })),
        reply: takesText ? (answer: string) => ({ answers: [answer] }) : null,
      };
    }),
    result: (replies) => ({ answers: Object.fromEntries(questions.map(({ id }, index) => [id, replies[index]])) }),
  };
}

/** A form or an address from an MCP server. It is shown, and answered where it can be filled in. */
function ofElicitation(request: Request): Asked | null {
  const parsed = Elicitation.safeParse(request.params);
  if (!parsed.success) return null;
  const { threadId, serverName, message } = parsed.data;
  const words = text([`The MCP server ${serverName ?? "?"} asks:`, message]);
  const question = permission(`mcp:${request.id}`, words, []);
  question.dialog.onlyInTerminal = "Codex shows this form only in its own terminal";
  return { id: request.id, threadId: threadId ?? "", command: null, questions: [question], result: () => null };
}

function permission(id: string, words: string, choices: Choice[]): Question {
  return {
    dialog: {
      id,
      kind: "permission",
      text: words,
      choices: choices.map(({ label }) => oneLine(label)),
      takesText: false,
      ...(choices.some(({ isAlways }) => isAlways === true) ? { canAlways: true } : {}),
    },
    choices,
    reply: null,
  };
}

/** The same id if Codex repeats a request that is still open, a new one otherwise. */
function dialogId(itemId: string, params: unknown): string {
  const { approvalId, startedAtMs } = params as { approvalId?: unknown; startedAtMs?: unknown };
  return [itemId, approvalId ?? startedAtMs].filter((part) => part !== null && part !== undefined).join(":");
}

/** One choice of a dialog, with Codex's own label, and what choosing it sends. */
export interface Choice {
  label: string;
  reply: unknown;
  /** It allows the same from now on. */
  isAlways?: boolean;
}

const Amendment = z.looseObject({
  acceptWithExecpolicyAmendment: z.looseObject({ execpolicy_amendment: z.array(z.string()) }),
});
const HostRule = z.looseObject({
  applyNetworkPolicyAmendment: z.looseObject({
    network_policy_amendment: z.looseObject({ host: z.string(), action: z.string() }),
  }),
});

const LABELS: Readonly<Record<string, string>> = {
  accept: "Yes, proceed",
  acceptForSession: "Yes, and don't ask again for this command in this session",
  decline: "No, continue without running it",
  cancel: "No, and tell Codex what to do differently",
};

/** The decisions that the server offers, in its order, with the terminal program's wording. */
function commandChoices(decisions: readonly unknown[]): Choice[] {
  return decisions.flatMap((decision): Choice[] => {
    const reply = { decision };
    if (typeof decision === "string") {
      const label = LABELS[decision];
      if (label === undefined) return [];
      return [{ label, reply, ...(decision === "acceptForSession" ? { isAlways: true } : {}) }];
    }
    const amendment = Amendment.safeParse(decision);
    if (amendment.success) {
      const words = amendment.data.acceptWithExecpolicyAmendment.execpolicy_amendment.join(" ");
      return [{ label: `Yes, and don't ask again for commands that start with \`${words}\``, reply, isAlways: true }];
    }
    const rule = HostRule.safeParse(decision);
    if (!rule.success) return [];
    const { host, action } = rule.data.applyNetworkPolicyAmendment.network_policy_amendment;
    return action === "allow"
      ? [{ label: `Yes, and allow ${host} in the future`, reply, isAlways: true }]
      : [{ label: `No, and block ${host} in the future`, reply }];
  });
}

const FILE_CHOICES: Choice[] = [
  { label: "Yes, proceed", reply: { decision: "accept" } },
  { label: "Yes, and don't ask again for these files", reply: { decision: "acceptForSession" }, isAlways: true },
  { label: "No, and tell Codex what to do differently", reply: { decision: "cancel" } },
];

function permissionChoices(permissions: unknown): Choice[] {
  return [
    { label: "Yes, grant these permissions for this turn", reply: { permissions, scope: "turn" } },
    {
      label: "Yes, grant these permissions for this session",
      reply: { permissions, scope: "session" },
      isAlways: true,
    },
    { label: "No, continue without permissions", reply: { permissions: {}, scope: "turn" } },
  ];
}
