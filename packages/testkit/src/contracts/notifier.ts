import { EVENT_PRIORITY, type EventType, type OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { SessionCard } from "@agent-orchestrator/core/model/session-card";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { describe, expect, test } from "vitest";
import { waitFor } from "../wait-for.ts";
import { type Calls, expectRefusal, interrupted } from "./aborted.ts";

export interface SeenNotice {
  title: string;
  body: string;
}

export interface NotifierContract {
  /** Called in each test: a notifier with a far end that can be read. */
  reachable(): Promise<{ notifier: Notifier; seen(): SeenNotice[] }>;
  /** The same without any far end. */
  unreachable(): Notifier;
  /** A far end that does not answer. */
  stalled?(): Notifier;
  /** It remembers what it has sent, so that the same event arrives once. */
  knowsIds?: boolean;
  /** Why it cannot be tested on this machine. */
  skip?: string | null;
}

export function sampleEvent(overrides: Partial<OrchestratorEvent> = {}): OrchestratorEvent {
  return {
    seq: 7,
    id: "abcdefghijklmnop",
    ts: "2026-01-01T00:00:00.000Z",
    type: "session.needs_input",
    priority: "urgent",
    projectId: "app",
    sessionId: "app-1",
    message: "Which database?",
    data: {},
    ...overrides,
  };
}

export function sampleCard(overrides: Partial<SessionCard> = {}): SessionCard {
  return {
    ...{ sessionId: "app-1", projectId: "app", title: "Water the plants", agent: "claude-code", branch: "ao/app-1" },
    ...{ status: "working", because: "its agent is busy", needs: null, pr: null },
    ...overrides,
  };
}

/** A stranger's text, which must not be interpreted by a shell, as an option, by a terminal or as markup. */
export const HOSTILE_WORDS =
  "--urgency=low $(touch /tmp/never) `id` \"x\" 'y' \u001b]0;t\u0007 <img src=x> & \u202egnp.exe";

/** A stranger wrote all of it: the ids, the question with its choices, and the facts. */
function hostileEvent(text: string): OrchestratorEvent {
  const question = { dialogId: text, kind: "question", text, choices: [text, text], takesText: true, canAlways: false };
  const data = { question: { ...question, onlyInTerminal: null }, pr: 1, url: `javascript:${text}`, because: text };
  return sampleEvent({ id: text, type: `session.${text}`, sessionId: text, projectId: text, message: text, data });
}

const callsOf = (notifier: Notifier): Calls => ({
  notify: (options) => notifier.notify(sampleEvent(), options),
  notifyWithActions:
    notifier.notifyWithActions && (async (options) => notifier.notifyWithActions?.(sampleEvent(), [], options)),
  post: notifier.post && (async (options) => notifier.post?.("hello", {}, options)),
  check: notifier.check && (async (options) => notifier.check?.(options)),
  withdraw: notifier.withdraw && (async (options) => notifier.withdraw?.([], options)),
  follow: notifier.follow && (async (options) => notifier.follow?.(sampleCard(), options)),
});

export function notifierContract(name: string, contract: NotifierContract): void {
  const reason = contract.skip ?? null;

  describe(`the notifier contract, kept by ${name}`, () => {
    test("a notification says which session it is about, and carries the message", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      await notifier.notify(sampleEvent());
      const notice = await waitFor(() => seen()[0]);
      expect(notice.title + notice.body).toContain("app-1");
      expect(notice.title + notice.body).toContain("Which database?");
    });

    test("every event can be sent, each with its own title", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      const types = Object.keys(EVENT_PRIORITY) as EventType[];
      for (const type of types) await notifier.notify(sampleEvent({ id: type, type, priority: EVENT_PRIORITY[type] }));
      await waitFor(() => seen().length === types.length);
      for (const notice of seen()) expect(notice.title.trim()).not.toBe("");
    }, 90_000);

    test("a stranger's text is only text", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      await notifier.notify(sampleEvent({ message: HOSTILE_WORDS }));
      await notifier.notify(sampleEvent({ id: "empty", message: "", sessionId: null, projectId: null }));
      await waitFor(() => seen().length === 2);
      const [first] = seen();
      expect(first?.body).toContain("$(touch /tmp/never) `id`");
      expect(`${first?.title}${first?.body}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }, 90_000);

    test("a stranger's text is only text in each part of an event, and a question of any size can be sent", async ({
      skip,
    }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      await notifier.notify(hostileEvent(HOSTILE_WORDS));
      await notifier.notify(hostileEvent(`${HOSTILE_WORDS} `.repeat(2_000)));
      await waitFor(() => seen().length === 2);
      for (const { title, body } of seen()) expect(`${title}${body}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }, 90_000);

    const again = contract.knowsIds === true ? "is there once" : "arrives each time";
    test(`the same event can be sent again, and ${again}`, async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      const ids = ["one", "two", "two", "three"];
      for (const id of ids) await notifier.notify(sampleEvent({ id, message: `this is ${id}` }));
      const arriving = contract.knowsIds === true ? [...new Set(ids)] : ids;
      await waitFor(() => seen().length === arriving.length);
      expect(seen().map(({ body }) => body)).toEqual(arriving.map((id) => `this is ${id}`));
    }, 90_000);

    test("a check sends nothing", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      await notifier.check?.();
      await notifier.notify(sampleEvent());
      await waitFor(() => seen().length > 0);
      expect(seen()).toHaveLength(1);
    });

    test("an aborted call is not sent", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      const { notifier, seen } = await contract.reachable();
      await expect(notifier.notify(sampleEvent(), { signal: AbortSignal.abort() })).rejects.toThrow();
      await expectRefusal(callsOf(notifier));
      expect(seen()).toEqual([]);
    });

    test("a far end that does not answer is left as soon as the caller gives up", async ({ skip }) => {
      skip(reason !== null, reason ?? "");
      skip(contract.stalled === undefined, "nothing can stall this far end");
      if (contract.stalled === undefined) return;
      expect(await interrupted(callsOf(contract.stalled()))).toContain("notify");
    });

    test("throws with a hint if nobody can be reached, and tells doctor the same", async () => {
      const notifier = contract.unreachable();
      await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
        code: expect.stringMatching(/^(UNAVAILABLE|UNREACHABLE)$/),
        hint: expect.any(String),
      });
      if (notifier.check !== undefined) expect((await notifier.check()).ok).toBe(false);
    });
  });
}
