import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, Refusal, type Reply, type Wire } from "../testing/fake-daemon.ts";
import { asked, INBOX_META, mergeable } from "../testing/inbox-rows.ts";
import { buildAo } from "../testing/run-ao.ts";
import { runOnTty } from "../testing/run-on-tty.ts";
import { view } from "../testing/views.ts";
import { parseCommand } from "./plain-command.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const ROWS = [asked(["app-1", "app-2"]), mergeable("app-4")];

async function stage(replies: Record<string, Reply> = {}, args = ["inbox", "--plain"], env = {}) {
  const home = tempDir();
  const wires: Wire[] = [];
  const daemon = await fakeDaemon(home, {
    inbox: async (_asked, wire) => {
      wires.push(wire);
      wire.send({ type: "item", data: { data: ROWS, meta: INBOX_META } });
      await wire.closed;
    },
    ...replies,
  });
  const tty = runOnTty(args, { home, ao, columns: 80, rows: 24, env });
  const shows = (text: string) =>
    waitFor(() => tty.seen().includes(text), { what: text }).catch((error: Error) => {
      throw new Error(`${error.message}\n${tty.seen()}`);
    });
  await shows("`q` quits.");
  return { tty, daemon, wires, shows };
}

describe("the plain inbox", () => {
  it("prints rows as lines, with no escape sequence, and takes typed commands", async () => {
    const { tty, daemon, shows } = await stage({ merge: () => view({ status: "merged" }) });
    expect(tty.seen()).toContain("Inbox: 2 need you, 1 ready to merge.");
    expect(tty.seen()).toContain("1. app-1, my-app, #42 Fix the login, waits");
    expect(tty.seen()).toContain("Also asked by app-2.");
    tty.type("2 m\r");
    await shows("Merge PR 8 of app-4 (branch feat/app-4, commit 0123456)? Type y or n.");
    tty.type("y\r");
    await shows("app-4 is merged.");
    expect(daemon.of("merge")[0]?.params).toMatchObject({ session: "app-4", headSha: "0123456789abcdef" });
    tty.type("?\r");
    await shows("A command is the number of a row");
    tty.type("9 a\r");
    await shows("There is no row 9.");
    tty.type("q\r");
    expect(await tty.ended).toBe(0);
    expect(tty.seen()).not.toContain("\u001b");
  });

  it("answers all sessions of a row, after it named them", async () => {
    const given = { question: "q", choice: "Yes", number: 1, isAlways: false, problem: null };
    const done = ["app-1", "app-2"].map((session) => ({ session, dialogId: null, ...given }));
    const { tty, daemon, shows } = await stage({ answer: () => done });
    tty.type("1 a\r");
    await shows("Type the number of a choice");
    tty.type("1\r");
    await shows("Answer “Yes” to 2 sessions: app-1, app-2? Type y or n.");
    tty.type("n\r");
    await shows("Nothing was done.");
    expect(daemon.of("answer")).toEqual([]);
    tty.type("1 a 1\r");
    await waitFor(() => tty.seen().split("Type y or n.").length === 3, { what: "the question again" });
    tty.type("y\r");
    await shows("Answered app-1, app-2: 1 Yes");
  });

  it("prints what comes and goes, and never gives a row the number of another", async () => {
    const { tty, daemon, wires, shows } = await stage();
    wires[0]?.send({ type: "item", data: { data: [asked(["app-9"])], meta: INBOX_META } });
    await shows("Gone: 2. app-4");
    await shows("3. app-9");
    tty.type("1 m\r");
    await shows("Row 1 is gone, so nothing was done.");
    expect(daemon.of("merge")).toEqual([]);
    wires[0]?.hangUp();
    await shows("Reconnected to the daemon.");
    tty.type("\u0004");
    expect(await tty.ended).toBe(0);
  });

  it("says what has changed when something is refused", async () => {
    const refusal = new Refusal({ code: "REFUSED", message: "the branch of app-4 is at another commit" });
    const { tty, shows } = await stage({ merge: () => refusal });
    tty.type("2 m y\r");
    await shows("the branch of app-4 is at another commit");
  });

  it("is what a dumb terminal gets", async () => {
    const { tty } = await stage({}, ["inbox"], { TERM: "dumb" });
    expect(tty.seen()).not.toContain("\u001b");
    tty.type("quit\r");
    expect(await tty.ended).toBe(0);
  });
});

it.each([
  ["", { kind: "list" }],
  ["q", { kind: "quit" }],
  ["help", { kind: "help" }],
  ["1 a 2", { kind: "row", number: 1, key: "a", words: "2", member: null }],
  ["2  answer no, and say why", { kind: "row", number: 2, key: "a", words: "no, and say why", member: null }],
  ["3 app-7 diff", { kind: "row", number: 3, key: "d", words: "", member: "app-7" }],
  ["4 attach", { kind: "row", number: 4, key: "", words: "", member: null }],
  ["1", { kind: "unknown" }],
  ["1 ad", { kind: "unknown" }],
  ["merge", { kind: "unknown" }],
])("reads %j", (line, expected) => {
  expect(parseCommand(line)).toMatchObject(expected);
});
