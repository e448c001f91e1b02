import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import { NOW } from "./views.ts";

export const INBOX_META: InboxMeta = { notices: [], counts: { working: 5, waiting: 2, queued: 1 }, away: null };

export function anInboxSession(more: Partial<InboxSession> = {}): InboxSession {
  const id = more.id ?? "app-1";
  return {
    id,
    projectId: "my-app",
    instanceId: "0123456789ab",
    status: "needs_input",
    agent: "command",
    branch: "feat/42",
    title: "Fix the login",
    issue: "42",
    since: NOW,
    cause: `${id}-1`,
    dialogId: `${id}-d1`,
    pr: null,
    ...more,
  };
}

/** A question of these sessions. */
export function asked(ids: readonly string[], more: Partial<InboxRow> = {}): InboxRow {
  return {
    key: `asks ${ids[0]}`,
    level: "urgent",
    group: "needs-you",
    reason: "asks: May I run `make clean`? [1 Yes · 2 No, and say why]",
    hint: `ao answer ${ids[0]}`,
    since: NOW,
    question: {
      dialogId: `${ids[0]}-d1`,
      kind: "permission",
      text: "May I run `make clean`?\nIt removes build/.",
      choices: ["Yes", "No, and say why"],
      takesText: true,
      canAlways: false,
      onlyInTerminal: null,
    },
    snoozedUntil: null,
    sessions: ids.map((id) => anInboxSession({ id })),
    ...more,
  };
}

export function mergeable(id: string, more: Partial<InboxRow> = {}): InboxRow {
  const pr: InboxSession["pr"] = {
    ...{ number: 8, url: "file:///pr/8", headSha: "0123456789abcdef" },
    ...({ state: "open", ci: "passing", review: "approved" } as const),
  };
  return {
    key: `${id} ready`,
    level: "action",
    group: "ready-to-merge",
    reason: "ready to merge 0123456",
    hint: `ao merge ${id}`,
    since: NOW,
    question: null,
    snoozedUntil: null,
    sessions: [anInboxSession({ id, status: "mergeable", dialogId: null, pr, branch: `feat/${id}` })],
    ...more,
  };
}
