import { join } from "node:path";
import { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { HOSTILE, variantsOf } from "@agent-orchestrator/testkit/variants";
import { Chalk } from "chalk";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { widthOf } from "../output/format.ts";
import { anInboxSession, asked, INBOX_META, mergeable } from "../testing/inbox-rows.ts";
import { NOW } from "../testing/views.ts";
import { type Key, keysOf } from "./keys.ts";
import { EMPTY, failed, type Model, withRows } from "./model.ts";
import { pictureOf } from "./picture.ts";
import { press } from "./press.ts";
import { inboxText } from "./row-text.ts";
import type { Look } from "./texts.ts";

const nowMs = Date.parse(NOW) + 7 * 60_000;
const plain = new Chalk({ level: 0 });
const look = (columns: number, rows: number): Look => ({ columns, rows, nowMs, colour: plain });
const golden = (name: string) => join(import.meta.dirname, "../fixtures", name);

const LONG = "The login page shows the wrong error when the password is right but the account is locked";
const stuck: InboxRow = {
  ...mergeable("web-7"),
  key: "web-7 stuck",
  level: "urgent",
  group: "needs-you",
  reason: "no output, commit or report for 14 m, and the last line was `npm ERR! network timeout`",
  hint: "ao attach web-7",
  sessions: [anInboxSession({ id: "web-7", projectId: "web", status: "stuck", title: LONG, issue: "7", pr: null })],
};
const long = asked(["app-5"], {
  question: {
    ...{ dialogId: "d", kind: "question", choices: ["Yes, as planned", "No"], takesText: false, canAlways: false },
    text: `May I go on as planned?\n${Array.from({ length: 30 }, (_, at) => `${at + 1}. Move part ${at + 1}, and then test it on a copy`).join("\n")}\n${"x".repeat(90)}`,
    onlyInTerminal: null,
  },
});
const ROWS = [
  asked(["app-1", "app-2", "app-3"]),
  asked(["app-9"], {
    reason: "asks: Which colour?",
    question: {
      ...{ dialogId: null, kind: "report", text: "Which colour?", choices: [], takesText: true },
      ...{ canAlways: false, onlyInTerminal: null },
    },
  }),
  stuck,
  mergeable("app-4"),
  asked(["app-12"], { key: "later", snoozedUntil: new Date(nowMs + 3_600_000).toISOString() }),
];

const shown = (rows: InboxRow[]): Model => withRows(EMPTY, { rows, meta: INBOX_META }, 0);
const typed = (model: Model, ...texts: string[]): Model =>
  texts.reduce((now, text) => press(now, keysOf(text).keys, nowMs).model, model);
const lines = (model: Model, columns: number, rows: number) =>
  `${pictureOf(model, look(columns, rows))
    .map((line) => `${line}|`)
    .join("\n")}\n`;

const NOTICE = { level: "error", text: "no notification can reach you (desktop: no session bus)" } as const;
const STATES: Record<string, Model> = {
  list: shown(ROWS),
  second: typed(shown(ROWS), "G"),
  answer: typed(shown(ROWS), "a", "1"),
  confirm: typed(shown(ROWS), "a", "1", "\r"),
  send: typed(shown(ROWS), "s", "use the existing helper in lib/date.ts, and do not add another one, please"),
  snooze: typed(shown(ROWS), "z"),
  verdict: typed(shown(ROWS), "G", "r"),
  read: typed(shown([long]), "v", "j", "j"),
  help: typed(shown(ROWS), "?"),
  empty: shown([ROWS[4] as InboxRow]),
  lost: {
    ...shown(ROWS),
    connection: "lost",
    message: failed("app-1 asks something else now, so nothing was answered"),
  },
  notice: withRows(EMPTY, { rows: ROWS, meta: { ...INBOX_META, notices: [NOTICE] } }, 0),
  bare: withRows(EMPTY, { rows: [], meta: { ...INBOX_META, counts: { working: 0, waiting: 0, queued: 0 } } }, 0),
};

// Times are shown in the zone of the machine.
beforeAll(() => void vi.stubEnv("TZ", "UTC"));

describe("the screen", () => {
  it.each([
    [80, 24],
    [40, 20],
  ])("at %i columns and %i rows", async (columns, rows) => {
    const text = Object.entries(STATES).map(([name, model]) => `── ${name}\n${lines(model, columns, rows)}`);
    await expect(text.join("\n")).toMatchFileSnapshot(golden(`inbox-${columns}.txt`));
  });

  it("fits every size, and always shows the selected row, the question's choices and what is typed", () => {
    for (const columns of [20, 33, 40, 57, 80, 200])
      for (const rows of [8, 12, 20, 24, 60])
        for (const [name, model] of Object.entries(STATES)) {
          const picture = pictureOf(model, look(columns, rows));
          const what = `${name} at ${columns}×${rows}`;
          expect(picture.length, what).toBe(rows);
          for (const line of picture) expect(widthOf(line), `${what}: ${line}`).toBeLessThanOrEqual(columns);
          if (name === "second") expect(picture.join("\n"), what).toContain("> app-4");
          if (name === "answer" && rows >= 12) expect(picture.join("\n"), what).toMatch(/1\. Yes[\s\S]*1_/);
        }
  });

  it("shows the selected row of very many, and how many are below", () => {
    const many = Array.from({ length: 60 }, (_, at) => mergeable(`app-${at + 1}`));
    let model = shown(many);
    expect(pictureOf(model, look(80, 24)).join("\n")).toMatch(/… \d+ more below/);
    for (let at = 0; at < 60; at += 1) {
      expect(pictureOf(model, look(80, 24)).join("\n")).toContain(`> app-${at + 1} `);
      model = press(model, [{ name: "down", text: "" }], nowMs).model;
    }
  });

  it("shows no control character of a stranger, whatever the words are, and no colours with NO_COLOR", () => {
    const hostile = [
      ...(variantsOf(InboxRow) as InboxRow[]).filter(({ sessions }) => sessions.length > 0),
      asked([HOSTILE], { reason: HOSTILE, hint: HOSTILE, question: null }),
    ].map((row, at) => ({ ...row, key: `${at}`, snoozedUntil: null }));
    const keys: Key[] = [{ name: "char", text: "" }];
    for (const row of hostile)
      for (const text of ["", "a", "s", "z", "r", "m", "v"]) {
        const model = press(shown([row]), [{ ...(keys[0] as Key), text }], nowMs).model;
        for (const columns of [40, 100]) {
          const picture = pictureOf(model, look(columns, 24));
          expect(picture.join("\n")).not.toMatch(
            /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|undefined|NaN|\[object/,
          );
          for (const line of picture) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
        }
      }
    const text = inboxText(hostile, INBOX_META, nowMs);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|undefined|NaN|\[object/);
  });
});

it("prints the rows in sentences for pipes and screen readers", async () => {
  await expect(inboxText(ROWS, { ...INBOX_META, notices: [NOTICE] }, nowMs)).toMatchFileSnapshot(
    golden("inbox-plain.txt"),
  );
});
