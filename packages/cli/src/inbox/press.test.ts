import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asked, INBOX_META, mergeable } from "../testing/inbox-rows.ts";
import { type Key, keysOf } from "./keys.ts";
import { type Act, begin, changeOf, EMPTY, type Model, selectedRow, sessionOf, withRows } from "./model.ts";
import { press } from "./press.ts";

const LATE = 60_000;
const shown = (...rows: InboxRow[]): Model => withRows(EMPTY, { rows, meta: INBOX_META }, 0);
const update = (model: Model, rows: InboxRow[], nowMs: number): Model =>
  withRows(model, { rows, meta: INBOX_META }, nowMs);
const keys = (text: string): Key[] => (text === "\u001b" ? [{ name: "escape", text: "" }] : keysOf(text).keys);

/** One read for each text, at a time when nothing is too early. */
function type(model: Model, ...texts: string[]): { model: Model; act: Act | null; isLeaving: boolean } {
  let pressed = { model, act: null as Act | null, isLeaving: false };
  for (const [at, text] of texts.entries()) pressed = press(pressed.model, keys(text), LATE + at * 1000);
  return pressed;
}

/** The row that keys are about, and its session. */
const targetOf = (model: Model): string | null => {
  const row = selectedRow(model);
  return row === null ? null : `${row.key} ${sessionOf(row, model.member).id}`;
};

const ROWS = [asked(["app-1", "app-2"]), asked(["app-3"]), mergeable("app-4")];

describe("the keys", () => {
  it.each([
    ["j", "app-3"],
    ["\u001b[B", "app-3"],
    ["jjjj", "app-4"],
    ["G", "app-4"],
    ["nnn", "app-1"],
    ["jk", "app-1"],
  ])("%j selects %s", (text, id) => {
    expect(selectedRow(type(shown(...ROWS), text).model)?.sessions[0]?.id).toBe(id);
  });

  it.each([
    [["\r"], { kind: "attach" }],
    [["d"], { kind: "diff" }],
    [["x"], { kind: "explain" }],
    [["j", "a", "2", "\r"], { kind: "answer", words: "2", isText: false }],
    [["j", "a", "no, and SAY why", "\r"], { kind: "answer", words: "2", isText: false }],
    [["j", "a", "use a copy", "\r", "y"], { kind: "answer", words: "use a copy", isText: true }],
    [["a", "1", "\r", "y"], { kind: "answer", words: "1", isText: false }],
    [["G", "m", "y"], { kind: "merge" }],
    [["G", "r", "a", "y"], { kind: "review", state: "approved", body: "" }],
    [["G", "r", "c", "no retries", "\r"], { kind: "review", state: "changes_requested", body: "no retries" }],
    [["G", "r", "o", "nice", "\r"], { kind: "review", state: "commented", body: "nice" }],
    [["s", "use the helperx\u007f", "\r"], { kind: "send", text: "use the helper" }],
    [["s", "one\u0015two three\u0017", "\r"], { kind: "send", text: "two" }],
    [["z", "\r"], { kind: "snooze", period: "1h" }],
    [["z", "14:30", "\r"], { kind: "snooze", period: "14:30" }],
  ])("%j does %j", (texts, act) => {
    expect(type(shown(...ROWS), ...texts).act).toMatchObject(act);
  });

  it.each([
    [["G", "m", "\r"]],
    [["G", "m", "n"]],
    [["G", "m", "\u001b"]],
    [["j", "a", "3", "\r"]],
    [["j", "a", "0", "\r"]],
    [["j", "a", "\r"]],
    [["a", "1", "\r", "n"]],
    [["G", "a"]],
    [["m"]],
    [["r"]],
    [["s", "\r"]],
    [["s", "text", "\u001b"]],
    [["G", "r", "x"]],
    [["?", "m"]],
    [["b"]],
  ])("%j does nothing", (texts) => {
    expect(type(shown(...ROWS), ...texts).act).toBeNull();
  });

  it("q, Escape and Ctrl-C leave, and Escape only the prompt where there is one", () => {
    for (const text of ["q", "\u0003"]) expect(type(shown(...ROWS), text).isLeaving).toBe(true);
    expect(type(shown(...ROWS), "s", "\u001b").isLeaving).toBe(false);
    expect(type(shown(...ROWS), "s", "\u0003").isLeaving).toBe(true);
  });

  it("Tab selects the session of a row that a key is about", () => {
    expect(type(shown(...ROWS), "\t", "d").act?.session.id).toBe("app-2");
    expect(type(shown(...ROWS), "\t\t", "d").act?.session.id).toBe("app-1");
  });

  it("asks before it answers several sessions, and names them", () => {
    const { model, act } = type(shown(...ROWS), "a", "1", "\r");
    expect(act).toBeNull();
    expect(model.mode).toMatchObject({ prompt: { question: "Answer “Yes” to 2 sessions: app-1, app-2?" } });
  });

  it("refuses a question that only its terminal can answer, and says why", () => {
    const row = asked(["app-1"]);
    const question = row.question && { ...row.question, onlyInTerminal: "it is a trust dialog" };
    expect(type(shown({ ...row, question }), "a").model.message?.text).toContain("it is a trust dialog");
  });
});

describe("a key and its row", () => {
  it("stays with the row that it was pressed for, wherever that is now", () => {
    const model = type(shown(...ROWS), "j").model;
    const moved = update(model, [mergeable("app-9"), ROWS[0] as InboxRow, ROWS[1] as InboxRow], LATE);
    expect(type(moved, "d").act?.session.id).toBe("app-3");
  });

  it("does nothing for a row that has just come to the selected place", () => {
    const model = type(shown(...ROWS), "G").model;
    const gone = update(model, [ROWS[0] as InboxRow, mergeable("app-9")], LATE);
    const early = press(gone, keys("d"), LATE + 200);
    expect(early.act).toBeNull();
    expect(early.model.message?.text).toContain("has just changed");
    expect(press(gone, keys("d"), LATE + 2_000).act?.session.id).toBe("app-9");
  });

  it("stays with the session of a row, and does nothing for another that takes its place", () => {
    const model = type(shown(asked(["app-1", "app-2"], { key: "asks" })), "\t", "\t").model;
    const joined = update(model, [asked(["app-9", "app-1"], { key: "asks" })], LATE);
    expect(press(joined, keys("d"), LATE + 10).act?.session.id).toBe("app-1");
    const left = update(model, [asked(["app-2"], { key: "asks" })], LATE);
    expect(press(left, keys("d"), LATE + 200).act).toBeNull();
  });

  it("treats another question of the same session as another row", () => {
    const model = shown(asked(["app-1"]));
    const other = update(model, [asked(["app-1"], { key: "asks something else" })], LATE);
    expect(press(other, keys("a"), LATE + 100).model.mode.kind).toBe("list");
  });

  it("keeps a prompt about what was shown, and says what has changed", () => {
    const open = type(shown(...ROWS), "j", "a", "1").model;
    const other = asked(["app-3"], { key: "other", reason: "asks: May I push?" });
    const session = { ...(other.sessions[0] as never as InboxRow["sessions"][0]), cause: "app-3-2", dialogId: "d2" };
    const changed = update(open, [{ ...other, sessions: [session] }], LATE);
    expect(changed.mode).toMatchObject({ prompt: { note: "Changed meanwhile: app-3 asks: May I push?" } });
    const { act } = press(changed, keys("\r"), LATE + 9_000);
    expect(act).toMatchObject({ kind: "answer", session: { id: "app-3", dialogId: "app-3-d1" } });
    expect(changeOf(update(open, [], LATE), ROWS[1] as InboxRow)).toBe(
      "Changed meanwhile: app-3 does not need you any more",
    );
  });

  it("drops what one read returned after a key that changes what is shown", () => {
    const { model, act } = press(shown(...ROWS), keys("mary"), LATE);
    expect([act, model.mode.kind]).toEqual([null, "list"]);
    expect(press(shown(...ROWS), keys("ady"), LATE).act).toBeNull();
    const answered = press(type(shown(...ROWS), "j", "a").model, keys("1\rm"), LATE);
    expect(answered.act).toBeNull();
    expect(answered.model.mode).toMatchObject({ prompt: { text: "1 m" } });
  });

  it("ignores what is pasted into the list, and takes it as text in a prompt", () => {
    expect(type(shown(...ROWS), "\u001b[200~m\ry\u001b[201~")).toMatchObject({ act: null });
    const { act } = type(shown(...ROWS), "s", "\u001b[200~two\nlines\u001b[201~", "\r");
    expect(act).toMatchObject({ text: "two lines" });
  });

  it("takes no confirmation that was typed before the question was shown", () => {
    const open = type(shown(...ROWS), "j", "a", "my own words").model;
    const confirm = press(open, keys("\r"), LATE);
    expect(press(confirm.model, keys("y"), LATE + 20).act).toBeNull();
    expect(press(confirm.model, keys("y"), LATE + 500).act).toMatchObject({ isText: true });
  });

  it("does nothing while the daemon is away, or while the row is being answered", () => {
    const lost: Model = { ...shown(...ROWS), connection: "lost" };
    expect(type(lost, "d").act).toBeNull();
    const busy = begin(shown(...ROWS), "asks app-1", "answering…");
    expect(selectedRow(busy)?.sessions[0]?.id).toBe("app-3");
    expect(type(busy, "k", "a").model.message?.text).toBe("Wait: answering….");
  });

  it("whatever is typed and whatever changes meanwhile, an act is about the row that was selected before the key", () => {
    const ids = ["app-1", "app-2", "app-3", "app-4"];
    const group = fc
      .uniqueArray(fc.constantFrom(...ids), { minLength: 1 })
      .map((some) => asked(some, { key: "asks all" }));
    const row = fc.oneof(group, fc.constantFrom(...ids.flatMap((id) => [asked([id]), mergeable(id)])));
    const rows = fc.uniqueArray(row, { selector: ({ key }) => key, maxLength: 5 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant("rows" as const), rows, afterMs: fc.nat(2_000) }),
      fc.record({
        kind: fc.constant("keys" as const),
        text: fc.constantFrom(
          "a",
          "1",
          "\r",
          "y",
          "m",
          "j",
          "k",
          "n",
          "d",
          "s",
          "z",
          "r",
          "\u001b",
          "\t",
          "a1\ry",
          "my",
        ),
        afterMs: fc.nat(2_000),
      }),
    );
    fc.assert(
      fc.property(rows, fc.array(step, { maxLength: 30 }), (first, steps) => {
        let model = shown(...first);
        let [nowMs, changedMs] = [LATE, 0];
        for (const each of steps) {
          nowMs += each.afterMs;
          const before = model;
          if (each.kind === "rows") {
            model = update(model, each.rows, nowMs);
            if (targetOf(model) !== targetOf(before)) changedMs = nowMs;
            continue;
          }
          const { model: next, act } = press(model, keys(each.text), nowMs);
          const visible = before.mode.kind === "prompt" ? before.mode.prompt.row : selectedRow(before);
          if (act !== null) {
            expect(act.row).toBe(visible);
            if (before.mode.kind === "list" && changedMs > 0) expect(nowMs - changedMs).toBeGreaterThanOrEqual(700);
          }
          model = next;
          if (targetOf(model) !== targetOf(before)) changedMs = 0;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a long question", () => {
  const text = Array.from({ length: 40 }, (_, at) => `line ${at + 1} of the plan`).join("\n");
  const long = (id: string): InboxRow => {
    const row = asked([id], { key: `asks ${id}` });
    return { ...row, question: row.question && { ...row.question, text } };
  };
  const topOf = ({ mode }: Model): number | null => (mode.kind === "read" ? mode.top : null);

  it.each([
    ["v", 0],
    ["vjjj", 3],
    ["vjjjk", 2],
    ["vk", 0],
    ["v ", 15],
    ["v\u001b[6~\u001b[5~", 0],
    ["vG", 27],
    ["vGjjg", 0],
    ["vq", null],
    ["vv", null],
  ])("%j is read from line %s on", (typed, top) => {
    const { model, act, isLeaving } = type(shown(long("app-1"), ...ROWS), ...(typed.match(/\u001b\[\d~|./g) ?? []));
    expect([topOf(model), act, isLeaving]).toEqual([top, null, false]);
  });

  it("is answered from there, as long as it is what was read", () => {
    const model = type(shown(long("app-1")), "v", "j").model;
    expect(type(model, "a", "2", "\r").act).toMatchObject({ kind: "answer", words: "2" });
    const other = update(model, [mergeable("app-4")], LATE);
    expect(type(other, "a").model).toMatchObject({
      mode: { kind: "list" },
      message: { text: "Changed meanwhile: app-1 does not need you any more" },
    });
  });
});
