import { formatCallback } from "@agent-orchestrator/core/model/callback";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { NotifyAction } from "@agent-orchestrator/core/slots/notifier";
import { sampleCard, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { HOSTILE_TEXTS, LIVE_TEXT, textsOf, withoutJoiners } from "@agent-orchestrator/testkit/hostile-texts";
import { blockFaults } from "@agent-orchestrator/testkit/slack/block-kit";
import { buttonsOf } from "@agent-orchestrator/testkit/slack/people";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderRoot } from "./card.ts";
import { type Rendered, renderNotice } from "./render.ts";

const PR = "https://github.com/acme/app/pull/7";

const answers = (session: string, ...labels: string[]): NotifyAction[] =>
  labels.map((label, index) => ({
    label,
    callbackEndpoint: formatCallback({ kind: "answer", session, dialog: "d1", choice: index + 1 }),
  }));

function asking(text: string, ...choices: string[]): Record<string, unknown> {
  const question = { dialogId: "d", kind: "question", text, choices, takesText: true, canAlways: false };
  return { question: { ...question, onlyInTerminal: null } };
}

/** The hostile text in every place that a stranger can write to: alone, in a list, and in the first message of a thread. */
function hostileMessages(text: string): Pick<Rendered, "text" | "blocks">[] {
  const session = { title: text, agent: text, branch: text, issueUrl: `javascript:${text}` };
  const data = { ...asking(text, text, `No. ${text}`), pr: 7, url: PR, session };
  const event = sampleEvent({ sessionId: text, projectId: text, type: `x.${text}`, message: text, data });
  const actions = [...answers(text.slice(0, 100), text), { label: text, url: `javascript:${text}` }];
  const one = { id: text, ts: event.ts, type: "x", priority: "urgent" as const, projectId: text, sessionId: text };
  const notices = [
    { ...one, message: text, data: { url: PR, pr: 7 }, actions },
    { ...one, message: text, data: {}, actions: [] },
  ];
  const card = sampleCard({
    ...{ sessionId: text, title: text, agent: text, branch: text, because: text, needs: text },
    pr: { number: 7, url: PR, state: "open", ci: "failing", review: "none" },
  });
  return [
    ...renderNotice(event, actions, true),
    ...renderNotice({ ...event, data: { notices } }, [], true),
    renderRoot(text, card, session),
  ];
}

/** Ours: marks, commands, and links to the pull request. */
const OWN_MARKUP = [
  /^:(red|large_yellow|large_orange|large_blue|large_green|white)_circle:( \*(Urgent|Needs you|Warning|Info)\*)?$/,
  /^(`ao [a-z-]+( [\w.-]+)?( "…")?`|<https:\/\/github\.com\/acme\/app\/pull\/7\|Pull request #\u2060?7>)( · .*)?$/,
];

function expectInert({ text, blocks }: Pick<Rendered, "text" | "blocks">): void {
  expect(blockFaults(blocks)).toEqual([]);
  const parts: { type: string; text: string; emoji?: boolean }[] = [];
  JSON.stringify(blocks, (_key, value: unknown) => {
    const part = value as { type?: string; text?: unknown } | null;
    if (typeof part?.text === "string") parts.push(part as (typeof parts)[number]);
    return value;
  });
  for (const part of parts.filter(({ type }) => type === "mrkdwn")) {
    expect(
      OWN_MARKUP.some((own) => own.test(part.text)),
      part.text,
    ).toBe(true);
    expect(part).toMatchObject({ verbatim: true });
  }
  const plain = parts.filter(({ type }) => type === "plain_text");
  for (const part of plain) expect(part.emoji).toBe(false);
  expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  for (const shown of [text, ...plain.map((part) => part.text)]) {
    for (const [what, pattern] of Object.entries(LIVE_TEXT)) expect(shown, what).not.toMatch(pattern);
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u200b]/);
    expect(shown.isWellFormed()).toBe(true);
  }
  for (const { url } of buttonsOf({ blocks: blocks as unknown as Record<string, unknown>[] })) {
    expect(url === undefined || url === PR).toBe(true);
  }
}

describe("texts of strangers", () => {
  test.each(Object.entries(HOSTILE_TEXTS))("nothing in them works: %s", (_what, hostile) => {
    for (const message of hostileMessages(hostile)) expectInert(message);
  });

  test("nothing in any text works", () => {
    const hostile = fc.constantFrom(...Object.values(HOSTILE_TEXTS));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), hostile, (noise, text) => {
        for (const message of hostileMessages(`${noise}${text}${noise}`)) expectInert(message);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["letters", "a"],
    ["emoji of four bytes", "\u{1f525}"],
    ["what is escaped", '\\"`<&>*_'],
    ["addresses", "https://e.vil "],
    ["Chinese", "\u4e2d"],
  ])("they are within the documented limits, however long they are: %s", (_what, unit) => {
    for (const { text, blocks } of hostileMessages(unit.repeat(20_000))) {
      expect(blockFaults(blocks)).toEqual([]);
      expect(text.length).toBeLessThanOrEqual(500);
    }
  });
});

const shown = (rendered: readonly Rendered[]) =>
  withoutJoiners(rendered.flatMap(({ blocks }) => textsOf(blocks)).join("\n"));
const buttonsIn = ({ blocks }: Rendered) => buttonsOf({ blocks: blocks as unknown as Record<string, unknown>[] });

test("a question has its choices as buttons, and its command", () => {
  const event = sampleEvent({ data: asking("Run the migration?", "Yes", "No, use a copy") });
  const [message] = renderNotice(event, answers("app-1", "Yes", "No, use a copy"), true);
  expect(buttonsIn(message as Rendered).map(({ label, value }) => [label, value])).toEqual([
    ["Yes", "answer?session=app-1&dialog=d1&choice=1"],
    ["No, use a copy", "answer?session=app-1&dialog=d1&choice=2"],
  ]);
  const whole = shown([message as Rendered]);
  for (const part of [
    "app-1 asks a question",
    "Run the migration?",
    "1. Yes\n2. No, use a copy",
    "`ao answer app-1`",
    "Urgent",
  ]) {
    expect(whole).toContain(part);
  }
});

test("without a socket there are links, and what ao would do is a command", () => {
  const actions: NotifyAction[] = [
    { label: "Dashboard", url: "https://ao.example.com/app-1" },
    { label: "Here only", url: "http://127.0.0.1:3000/app-1" },
    { label: "Merge", callbackEndpoint: formatCallback({ kind: "merge", session: "app-1", head: "abc" }) },
    { label: "Approve", callbackEndpoint: formatCallback({ kind: "approve", session: "app-1", head: "abc" }) },
    { label: "Restore", callbackEndpoint: formatCallback({ kind: "restore", session: "app-1", launch: 2 }) },
  ];
  const [message] = renderNotice(sampleEvent({ type: "merge.ready" }), actions, false);
  expect(buttonsIn(message as Rendered).map(({ label, url }) => [label, url])).toEqual([
    ["Dashboard", "https://ao.example.com/app-1"],
  ]);
  expect(shown([message as Rendered])).toContain("`ao merge app-1` · `ao review app-1 --approve` · `ao restore app-1`");
  expect(shown([message as Rendered])).not.toContain("127.0.0.1");
});

test("a merge asks once more, and what only this machine can do has no button", () => {
  const actions: NotifyAction[] = [
    { label: "Merge", callbackEndpoint: formatCallback({ kind: "merge", session: "app-1", head: "abc" }) },
    { label: "Open", callbackEndpoint: formatCallback({ kind: "open", session: "app-1" }) },
    { label: "Forged", callbackEndpoint: "merge?session=app-1" },
    {
      label: "Long",
      callbackEndpoint: formatCallback({ kind: "answer", session: "s".repeat(1_990), dialog: "d", choice: 1 }),
    },
  ];
  const [message] = renderNotice(sampleEvent(), actions, true);
  const buttons = buttonsIn(message as Rendered);
  expect(buttons.map(({ label }) => label)).toEqual(["Merge"]);
  expect(buttons[0]).toMatchObject({
    style: "primary",
    confirm: { confirm: { text: "Merge" }, deny: { text: "Cancel" } },
  });
});

/** So many questions in one notice, each with as many choices. */
function several(count: number, choices: number, length = 40): OrchestratorEvent {
  const notices = Array.from({ length: count }, (_, index) => {
    const labels = Array.from({ length: choices }, (_one, at) => `choice ${at + 1} of ${index}.`);
    const session = `app-${index}`;
    return {
      ...{ id: `n${index}`, ts: "2026-01-01T00:00:00.000Z", type: "session.needs_input", priority: "urgent" },
      ...{ projectId: "app", sessionId: session, data: { pr: index, url: `${PR}${index}` } },
      message: `${session} asks: question number ${index}? ${"x".repeat(length)}`,
      actions: answers(session, ...labels),
    };
  });
  return sampleEvent({ sessionId: null, message: `${count} sessions need you: …`, data: { notices } });
}

test.each([
  [1, 2, 40, 1],
  [20, 3, 40, 1],
  [100, 3, 40, 5],
  [100, 0, 40, 3],
  [40, 20, 40, 2],
  [7, 60, 40, 1],
  [60, 2, 900, 6],
])("of %i notices with %i choices each and %i characters, nothing is missing from %i messages or fewer", (...row) => {
  const [count, choices, length, most] = row;
  const rendered = renderNotice(several(count, choices, length), [], true);
  expect(rendered.length).toBeLessThanOrEqual(most);
  const whole = shown(rendered);
  for (let index = 0; index < count; index++) expect(whole).toContain(`question number ${index}?`);
  const buttons = rendered.flatMap(buttonsIn);
  expect(buttons.filter(({ value }) => value !== undefined)).toHaveLength(count * choices);
  expect(buttons.filter(({ url }) => url !== undefined)).toHaveLength(count);
  expect(rendered.flatMap(({ items }) => items)).toHaveLength(count);
  for (const { blocks } of rendered) expect(blockFaults(blocks)).toEqual([]);
  if (rendered.length > 1) expect(whole).toContain(`(${rendered.length} of ${rendered.length})`);
});

test("any mixture of notices fits, whole", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 3_000 }),
      (...row) => {
        const rendered = renderNotice(several(...row), [], true);
        for (const { blocks } of rendered) expect(blockFaults(blocks)).toEqual([]);
        expect(rendered.flatMap(({ items }) => items)).toHaveLength(row[0]);
      },
    ),
    { numRuns: 30 },
  );
});

test("the first message of a thread has the title, the status, the pull request and its CI", () => {
  const card = sampleCard({
    ...{ status: "ci_failed", because: "the test `login` fails", needs: "ao explain app-1" },
    pr: { number: 7, url: PR, state: "open", ci: "failing", review: "pending" },
  });
  const { blocks, text, digest } = renderRoot("app-1", card, null);
  const whole = withoutJoiners(textsOf(blocks).join("\n"));
  for (const part of [
    "app-1: Water the plants",
    "ci failed: the test",
    "ao explain app-1",
    `<${PR}|Pull request #7>`,
    "CI fails",
  ]) {
    expect(whole).toContain(part);
  }
  expect(whole).toContain("open · CI fails · review pending");
  expect(text).toContain("ci failed");
  expect(renderRoot("app-1", { ...card }, null).digest).toBe(digest);
  expect(renderRoot("app-1", { ...card, pr: null }, null).digest).not.toBe(digest);
});
