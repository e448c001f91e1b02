import { DigestCounts, DigestLine } from "@agent-orchestrator/core/model/digest";
import { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { SessionView } from "@agent-orchestrator/core/model/session-view";
import { SessionStatus } from "@agent-orchestrator/core/model/status";
import type { RequestName } from "@agent-orchestrator/daemon/requests";
import { HOSTILE, variantsOf } from "@agent-orchestrator/testkit/variants";
import { DASHBOARD } from "./dashboard-answers.ts";
import { CHECK_ROWS } from "./every-check.ts";
import { EVENTS } from "./every-event.ts";
import { WithMeta } from "./fake-daemon.ts";
import { INBOX_META } from "./inbox-rows.ts";
import { META, NOW, view } from "./views.ts";

const VIEWS = [
  // An id is always `prefix-number`.
  ...(variantsOf(SessionView) as SessionView[]).filter(({ id }) => id === "word"),
  ...SessionStatus.options.flatMap((status) => [view({ status }), view({ status, isArchived: true })]),
];

const shown = [...VIEWS, { ...VIEWS[0], lastOutput: HOSTILE, checks: CHECK_ROWS }];
const explanations = VIEWS.map((session, at) => ({
  session,
  facts: at % 2 === 0 ? [] : [{ text: HOSTILE, source: HOSTILE, at: null, ageMs: null }],
  rule: { status: session.status, text: HOSTILE, since: session.createdAt },
  reactions: at % 3 === 0 ? [] : [{ key: "ci-failed", state: "held", text: HOSTILE, at: null }],
  pending: at % 5 === 0 ? [HOSTILE] : [],
}));
const message = { id: "m1", session: "app-1", state: "accepted", heldFor: null, text: HOSTILE };
const cleanup = { session: "app-1", status: "done", reason: HOSTILE, dueAt: null, isDue: false, isDone: false };
const answered = { session: "app-1", dialogId: null, question: HOSTILE, choice: HOSTILE, number: null };
const left = { session: "app-1", projectId: "app", branch: HOSTILE };
const plugin = { slot: "scm", name: "x", version: "1", source: "npm", description: HOSTILE, isDefault: true };
const comment = { id: HOSTILE, author: HOSTILE, body: HOSTILE, createdAt: NOW };
const HELD = [
  { ...comment, isBot: true, isRequest: false, path: HOSTILE, line: 7, url: HOSTILE },
  { ...comment, isBot: false, isRequest: true, path: null, line: null, url: null },
  { ...comment, body: "", isBot: false, isRequest: false, path: "a.ts", line: null, url: "" },
];

const CHECKS = [
  { session: "app-1", pr: null, checks: [] },
  ...["passing", "failing", "pending", "none"].flatMap((ci) => {
    const pr = { number: 7, url: HOSTILE, headSha: HOSTILE, baseBranch: HOSTILE, ci };
    const logs = [
      { names: [HOSTILE], text: HOSTILE },
      { names: [], text: "" },
    ];
    return [
      { session: HOSTILE, pr, checks: CHECK_ROWS, logs },
      { session: "app-1", pr, checks: [], logs: [] },
    ];
  }),
];

const INBOX = variantsOf(InboxRow) as InboxRow[];
const NOTICES = [{ level: "error" as const, text: HOSTILE, hint: HOSTILE }];

const COST = { usd: null, knownUsd: 0, tokens: 0, unpriced: [] };
const COUNTS = variantsOf(DigestCounts);
const LINES = variantsOf(DigestLine);
const DIGEST = {
  ...{ since: NOW, until: NOW, merged: [], failed: [], counts: COUNTS[0], isCut: false, cost: COST, isCostWhole: true },
  ...{ waits: [], snoozed: 0, now: INBOX_META.counts },
};
const DIGESTS = [
  DIGEST,
  { ...DIGEST, merged: LINES, failed: LINES, waits: INBOX, isCut: true, snoozed: 2 },
  { ...DIGEST, cost: { ...COST, usd: 4.12, tokens: 5, knownUsd: 4.12 } },
  { ...DIGEST, cost: { ...COST, tokens: 5, unpriced: [HOSTILE] }, isCostWhole: false },
  { ...DIGEST, isCostWhole: false },
  ...COUNTS.map((counts) => ({ ...DIGEST, counts })),
  ...LINES.map((line) => ({ ...DIGEST, merged: [line] })),
];

/** Command line → the request that it prints, and answers to it. Complete lists first, if the request has a list. */
export const TABLE: [string[], RequestName, unknown[]][] = [
  [["status"], "status", [new WithMeta(VIEWS, META), new WithMeta([], {}), ...VIEWS.map((each) => [each])]],
  [["status", "--all"], "status", [VIEWS]],
  [["status", "--line"], "status", [VIEWS, []]],
  [["inbox"], "inbox", [new WithMeta(INBOX, INBOX_META), new WithMeta([], { ...INBOX_META, notices: NOTICES })]],
  [["inbox", "--all"], "inbox", INBOX.map((row) => new WithMeta([row], INBOX_META))],
  [["digest"], "digest", DIGESTS],
  [["snooze", "app-1"], "snooze", VIEWS],
  [["snooze", "app-1", "--off"], "snooze", VIEWS],
  [["show", "app-1"], "show", shown],
  [
    ["show", "app-1", "--prompt"],
    "show",
    [
      { ...VIEWS[0], prompt: [] },
      { ...VIEWS[0], prompt: [{ part: "first message", launch: 1, text: HOSTILE }] },
    ],
  ],
  [["explain", "app-1"], "explain", explanations],
  [["events"], "events", [EVENTS, []]],
  [["events", "--all"], "events", [EVENTS, ...EVENTS.map((event) => [event])]],
  [["checks", "app-1"], "checks", CHECKS],
  [["checks", "app-1", "--log"], "checks", CHECKS],
  [["path", "app-1"], "path", [{ path: "/tmp/x" }]],
  [["spawn", "42"], "spawn", [VIEWS, ...VIEWS.map((each) => [each])]],
  [["spawn", "42", "--dry-run"], "spawn", [VIEWS]],
  [
    ["send", "app-1", "x"],
    "send",
    ["accepted", "written", "unconfirmed", "queued", "held", "later"].flatMap((state) => [
      { ...message, state },
      { ...message, state, heldFor: HOSTILE, text: "" },
      { ...message, state, leftOut: [{ char: HOSTILE, count: 2 }] },
    ]),
  ],
  [
    ["answer", "app-1", "1"],
    "answer",
    [
      [],
      [
        { ...answered, isAlways: true, problem: null },
        { ...answered, number: 1, isAlways: false, problem: HOSTILE },
      ],
    ],
  ],
  [["pause"], "pause", [{ target: "all", isPaused: true }]],
  [
    ["resume"],
    "pause",
    [
      { target: HOSTILE, isPaused: false, granted: [HOSTILE] },
      { target: "app-1", isPaused: false, isReleased: true },
    ],
  ],
  ...DASHBOARD,
  [["open", "all"], "open", [{ opened: [] }, { opened: [HOSTILE] }]],
  [["kill", "app-1"], "kill", [VIEWS]],
  [["rm", "app-1"], "kill", [VIEWS]],
  [["restore", "app-1"], "restore", VIEWS],
  [["handoff", "app-1", "--agent", "x"], "handoff", VIEWS],
  [["claim", "app-1", "17"], "claim", VIEWS],
  [["merge", "app-1"], "merge", VIEWS],
  [["review", "app-1", "--approve"], "review", VIEWS],
  [["review", "held", "app-1"], "review-held", [HELD, []]],
  [
    ["review", "release", "app-1", "c1"],
    "review-release",
    [
      { session: "app-1", messageId: HOSTILE, comments: [HOSTILE, "c2"] },
      { session: HOSTILE, messageId: "m1", comments: ["c1"] },
    ],
  ],
  [["ready", "app-1"], "ready", VIEWS],
  [["set", "app-1", "a=b"], "set", VIEWS],
  [["wait", "app-1", "--until", "done"], "wait", VIEWS],
  [
    ["cleanup", "--dry-run"],
    "cleanup",
    [
      [],
      [
        { ...cleanup, problem: null },
        { ...cleanup, problem: HOSTILE },
        { ...cleanup, isDone: true, problem: null },
        { ...cleanup, isDue: true, dueAt: "never", problem: null },
      ],
    ],
  ],
  [
    ["pr", "create"],
    "pr-create",
    [
      { number: 1, url: HOSTILE, isNew: true },
      { number: 1, url: "", isNew: false },
    ],
  ],
  [["report", "done", "--session", "app-1"], "report", [{ session: "app-1", state: "done" }]],
  [
    ["trust"],
    "trust",
    [true, false].flatMap((isTrusted) =>
      [null, `+${HOSTILE}`].map((diff) => ({ configPath: HOSTILE, text: HOSTILE, diff, pin: "p", isTrusted })),
    ),
  ],
  [["init"], "init", [{ path: HOSTILE, text: HOSTILE, notes: [HOSTILE] }]],
  [["init", "--dry-run"], "init", [{ path: "/x", text: "", notes: [] }]],
  [
    ["doctor"],
    "doctor",
    [
      [],
      ["ok", "warning", "error"].flatMap((level) => [
        { area: HOSTILE, level, text: HOSTILE },
        { area: "x", level, text: "", hint: HOSTILE },
      ]),
    ],
  ],
  [
    ["issues"],
    "issues",
    [
      [],
      [
        {
          id: HOSTILE,
          projectId: "app",
          title: HOSTILE,
          url: HOSTILE,
          state: "open",
          labels: [HOSTILE],
          assignee: HOSTILE,
          session: null,
        },
        { id: "1", projectId: "app", title: "", url: "", state: "open", labels: [], assignee: null, session: "app-1" },
      ],
    ],
  ],
  [
    ["forget", "/gone"],
    "forget",
    [
      { configPath: null, sessions: [] },
      {
        configPath: HOSTILE,
        sessions: [
          { ...left, unmerged: null, keptIn: HOSTILE, leftAt: null, problem: null },
          { ...left, unmerged: HOSTILE, keptIn: null, leftAt: HOSTILE, problem: HOSTILE },
        ],
      },
    ],
  ],
  [["config", "validate"], "config-validate", [{ path: HOSTILE, warnings: [HOSTILE] }]],
  [["config", "show"], "config-show", [{ path: HOSTILE, config: { a: HOSTILE } }]],
  [
    ["plugin", "list"],
    "plugin-list",
    [
      [],
      [
        { ...plugin, problem: null },
        { ...plugin, isDefault: false, problem: HOSTILE },
      ],
    ],
  ],
  [
    ["notify", "test"],
    "notify-test",
    [
      [],
      [
        { channel: HOSTILE, ok: true, text: HOSTILE },
        { channel: "x", ok: false, text: "" },
        {
          ...{ channel: "x", ok: true, text: "sent", body: `${HOSTILE}\n${HOSTILE}` },
          sent: {
            ...{ priority: "action", title: HOSTILE, message: HOSTILE, command: HOSTILE },
            question: { text: HOSTILE, choices: [HOSTILE, ""] },
            links: [{ label: HOSTILE, url: HOSTILE }],
          },
        },
        {
          ...{ channel: "x", ok: true, text: "sent", body: null },
          sent: { priority: "info", title: "", message: "", question: null, command: null, links: [] },
        },
      ],
    ],
  ],
  [
    ["notify", "log"],
    "notify-log",
    [
      [],
      [
        { at: NOW, channel: HOSTILE, outcome: "delivered", sessions: ["app-1"], text: HOSTILE },
        { at: NOW, channel: "x", outcome: "failed", sessions: [], text: HOSTILE },
        { at: NOW, channel: "x", outcome: "waiting", sessions: [HOSTILE], text: "" },
        { at: NOW, channel: "", outcome: "acted", sessions: ["app-1"], text: HOSTILE },
      ],
    ],
  ],
  [["start"], "ping", [{ pid: 1, version: "1", build: "b", epoch: 1, startedAt: NOW, home: "/h" }]],
];
