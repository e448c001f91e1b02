import type { InboxRow } from "@agent-orchestrator/core/model/inbox";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { type TmuxScreen, tmuxScreen } from "@agent-orchestrator/testkit/tmux-screen";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type FakeDaemon, fakeDaemon, Refusal, type Reply, type Wire, WithMeta } from "../testing/fake-daemon.ts";
import { asked, INBOX_META, mergeable } from "../testing/inbox-rows.ts";
import { buildAo, runAo } from "../testing/run-ao.ts";
import { view } from "../testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

interface Stage {
  screen: TmuxScreen;
  daemon: FakeDaemon;
  /** The streams that are or were open, newest last. */
  wires: Wire[];
  send(rows: InboxRow[], meta?: object): void;
}

interface Options {
  rows: InboxRow[];
  replies?: Record<string, Reply>;
  args?: string[];
  size?: [number, number];
  env?: Record<string, string>;
  meta?: object;
}

/** `ao inbox` on a real terminal, with a daemon that says what the test wants. */
async function stage({
  rows,
  replies = {},
  args = ["inbox"],
  size = [80, 24],
  env = {},
  meta = INBOX_META,
}: Options): Promise<Stage> {
  const home = tempDir();
  const wires: Wire[] = [];
  let now = { data: rows, meta };
  const daemon = await fakeDaemon(home, {
    inbox: async (_asked, wire) => {
      wires.push(wire);
      wire.send({ type: "item", data: now });
      await wire.closed;
    },
    ...replies,
  });
  const screen = tmuxScreen({
    argv: [process.execPath, ao, ...args],
    cwd: home,
    env: { PATH: process.env.PATH ?? "", HOME: home, AO_HOME: home, LANG: "C.UTF-8", TZ: "UTC", PAGER: "cat", ...env },
    columns: size[0],
    rows: size[1],
  });
  onTestFinished(() => screen.close());
  const send = (data: InboxRow[], meta: object = INBOX_META) => {
    now = { data, meta };
    wires.at(-1)?.send({ type: "item", data: now });
  };
  return { screen, daemon, wires, send };
}

/** A key counts only some time after the row has come to its place: that time. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 800));
const ROWS = [asked(["app-1", "app-2"]), asked(["app-3"]), mergeable("app-4")];

describe("the inbox on a terminal", () => {
  it("shows the worst first, follows the daemon, fits the size, and leaves the terminal as it was", async () => {
    const { screen, send } = await stage({ rows: ROWS, args: [] });
    await screen.shows("> app-1 +1");
    const text = screen.text();
    expect(text.indexOf("app-3")).toBeLessThan(text.indexOf("app-4"));
    expect(text).toContain("2. No, and say why");
    screen.resize(40, 20);
    await screen.shows(/q quit$/);
    for (const line of screen.text().split("\n")) expect(line.length).toBeLessThanOrEqual(40);
    send([ROWS[2] as InboxRow]);
    await screen.shows("> app-4");
    expect(screen.text()).not.toContain("app-1");
    screen.keys("q");
    await screen.shows("[ended 0]");
    expect(screen.text()).not.toContain("app-4");
  });

  it("answers all sessions of a row after it named them, each for the question that was shown", async () => {
    const done = ["app-1", "app-2"].map((session) => ({
      ...{
        session,
        dialogId: `${session}-d1`,
        question: "q",
        choice: "Yes",
        number: 1,
        isAlways: false,
        problem: null,
      },
    }));
    const { screen, daemon } = await stage({ rows: ROWS, replies: { answer: () => done } });
    await screen.shows("> app-1");
    await settled();
    screen.keys("a");
    await screen.shows("It removes build/.");
    screen.type("1");
    await screen.shows("sessions: 1_");
    screen.keys("Enter");
    await screen.shows("Answer “Yes” to 2 sessions: app-1, app-2? [y/N]");
    expect(daemon.of("answer")).toEqual([]);
    await settled();
    screen.keys("y");
    await screen.shows("Answered app-1, app-2: 1 Yes");
    expect(daemon.of("answer")[0]?.params).toEqual({
      session: "app-1",
      words: "1",
      dialogs: [
        { session: "app-1", dialogId: "app-1-d1" },
        { session: "app-2", dialogId: "app-2-d1" },
      ],
    });
    // The user goes on with the next row.
    expect(screen.text()).toContain("> app-3");
  });

  it("says what has changed when an answer is refused", async () => {
    const refusal = new Refusal({ code: "REFUSED", message: "app-3 asks something else now, so nothing was answered" });
    const { screen, send, daemon } = await stage({ rows: ROWS, replies: { answer: () => refusal } });
    await screen.shows("> app-1");
    screen.keys("j");
    await screen.shows("> app-3");
    await settled();
    screen.keys("a");
    await screen.shows("Answer (1 to 2");
    const other = asked(["app-3"], { key: "other", reason: "asks: May I push to main?" });
    send([{ ...other, sessions: other.sessions.map((session) => ({ ...session, cause: "2", dialogId: "d2" })) }]);
    await screen.shows("Changed meanwhile: app-3 asks: May I push to main?");
    screen.type("1");
    await screen.shows("1_");
    screen.keys("Enter");
    await screen.shows(/nothing was answered\.\s+Changed\s+meanwhile:\s+app-3\s+asks:\s+May I push to main\?/);
    expect(daemon.of("answer")[0]?.params.dialogs).toEqual([{ session: "app-3", dialogId: "app-3-d1" }]);
  });

  it("does nothing with a key that was pressed for a row that is gone", async () => {
    const { screen, send, daemon } = await stage({ rows: [mergeable("app-4")] });
    await screen.shows("> app-4");
    await settled();
    send([mergeable("app-9")]);
    await screen.shows("> app-9");
    screen.keys("Enter");
    await screen.shows("so nothing was done. Press the key again.");
    expect(daemon.asked.map(({ name }) => name)).toEqual(["inbox"]);
  });

  it("attaches and comes back, and no key of before reaches the session", async () => {
    const dir = tempDir();
    const program = terminalProgram(dir, "raw");
    const attach = () => ({ argv: program.argv, env: {}, detachHint: "Ctrl-C leaves", title: "T" });
    const { screen, daemon, wires } = await stage({ rows: ROWS, replies: { attach } });
    await screen.shows("> app-1");
    await settled();
    screen.keys("Enter", "r", "m", "Enter");
    await screen.shows("Ignored what was pasted or typed ahead.");
    expect(daemon.of("attach")).toEqual([]);
    await settled();
    screen.keys("Enter");
    await screen.shows("ready>");
    expect(program.got()).toBe("");
    screen.type("for the agent");
    await waitFor(() => program.got() === "for the agent", { what: "what was typed there" });
    screen.keys("C-c");
    await screen.shows("> app-1");
    await waitFor(() => wires.length === 2, { what: "the stream to be followed again" });
    screen.keys("q");
    await screen.shows("[ended 0]");
    expect(program.got()).toBe("for the agent\u0003");
  });

  it("merges what was shown, and asks once", async () => {
    const { screen, daemon } = await stage({
      rows: [mergeable("app-4")],
      replies: { merge: () => view({ status: "merged" }) },
    });
    await screen.shows("> app-4");
    await settled();
    screen.keys("m");
    await screen.shows("Merge PR 8 of app-4 (branch feat/app-4, commit 0123456)? [y/N]");
    await settled();
    screen.keys("y");
    await screen.shows("app-4 is merged.");
    expect(daemon.of("merge").map(({ params }) => params)).toEqual([
      { session: "app-4", isConfirmed: true, headSha: "0123456789abcdef" },
    ]);
  });

  it("says that the daemon is away, and does nothing meanwhile", async () => {
    const { screen, wires, daemon } = await stage({ rows: ROWS });
    await screen.shows("> app-1");
    await settled();
    await daemon.close();
    wires[0]?.hangUp();
    await screen.shows("not connected, waiting for the daemon");
    screen.keys("d");
    await screen.shows("Not connected to the daemon.");
    expect(daemon.asked.map(({ name }) => name)).toEqual(["inbox"]);
  });

  it("says that it has reconnected", async () => {
    const { screen, wires } = await stage({ rows: ROWS });
    await screen.shows("> app-1");
    wires[0]?.hangUp();
    await screen.shows("Reconnected to the daemon.");
    expect(wires.length).toBe(2);
  });

  it("tells the user who is back what happened, as status does", async () => {
    const away = { since: "2026-01-01T00:00:00.000Z", forMs: 9 * 3_600_000, merged: 4, need: 2 };
    const status = () => new WithMeta([view()], { away });
    const words = "While you were away (9 h): 4 merged, 2 need you. See it with `ao digest --since 9h`.";
    const said = new RegExp(words.replaceAll(/[().]/g, "\\$&").replaceAll(" ", "\\s+"));
    const { screen } = await stage({ rows: ROWS, meta: { ...INBOX_META, away } });
    await screen.shows(said);
    const other = await stage({ rows: ROWS, replies: { status }, args: ["status"] });
    await other.screen.shows(said);
    expect(other.daemon.of("status")[0]?.params).toEqual({ isHere: true });
  });

  it("uses no colours with NO_COLOR", async () => {
    const { screen } = await stage({ rows: ROWS, env: { NO_COLOR: "1" } });
    await screen.shows("> app-1");
    expect(screen.text({ colours: true })).not.toMatch(/\u001b\[[0-9;]*m/);
    const coloured = await stage({ rows: ROWS });
    await coloured.screen.shows("> app-1");
    expect(coloured.screen.text({ colours: true })).toMatch(/\u001b\[[0-9;]*m/);
  });
});

describe("without a terminal", () => {
  it("prints the rows once, as text and JSON, and without what is snoozed", async () => {
    const home = tempDir();
    const later = asked(["app-8"], { key: "later", snoozedUntil: "2126-01-01T00:00:00.000Z" });
    await fakeDaemon(home, { inbox: () => new WithMeta([...ROWS, later], INBOX_META) });
    const text = await runAo(["inbox"], { home, ao });
    expect(text.stdout).toContain(
      "Inbox: 3 need you, 1 ready to merge, 1 snoozed.\n1. app-1, my-app, #42 Fix the login",
    );
    expect(text.stdout).not.toContain("app-8");
    const json = JSON.parse((await runAo(["inbox", "--json"], { home, ao })).stdout);
    expect(json.data.map(({ sessions }: InboxRow) => sessions[0]?.id)).toEqual(["app-1", "app-3", "app-4"]);
    expect(JSON.parse((await runAo(["inbox", "--json", "--all"], { home, ao })).stdout).data).toHaveLength(4);
  });

  it("a bare ao prints its help", async () => {
    const home = tempDir();
    expect((await runAo([], { home, ao })).stdout).toContain("Usage: ao");
  });
});
