import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, Refusal, type Wire, WithMeta } from "./testing/fake-daemon.ts";
import { buildAo } from "./testing/run-ao.ts";
import { runOnTty } from "./testing/run-on-tty.ts";
import { META, view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

describe("on a terminal", () => {
  it("asks before what cannot be undone, in the daemon's own words", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, {
      merge: ({ params }) =>
        params.isConfirmed === true
          ? view({ status: "merged" })
          : new Refusal({
              code: "REFUSED",
              message: "this would merge PR 8 (branch feat/42) of app-1 into main",
              hint: "Add --yes to go ahead.",
            }),
    });
    const no = runOnTty(["merge", "app-1"], { home, ao });
    await waitFor(() => no.seen().includes("this would merge PR 8 (branch feat/42) of app-1 into main. Do it? [y/N]"));
    no.type("\r");
    expect(await no.ended).toBe(1);
    const yes = runOnTty(["merge", "app-1"], { home, ao });
    await waitFor(() => yes.seen().includes("[y/N]"));
    yes.type("y\r");
    expect(await yes.ended).toBe(0);
    expect(daemon.of("merge").map(({ params }) => params.isConfirmed)).toEqual([false, false, true]);
  });

  it("does not accept a line that was typed or pasted before the question", async () => {
    const home = tempDir();
    const question = new Refusal({ code: "REFUSED", message: "this would merge", hint: "Add --yes to go ahead." });
    let answered: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const daemon = await fakeDaemon(home, {
      merge: async ({ params }) => {
        if (params.isConfirmed === true) return view({ status: "merged" });
        await asked;
        return question;
      },
    });
    const tty = runOnTty(["merge", "app-1"], { home, ao });
    await waitFor(() => daemon.of("merge").length === 1, { what: "the command" });
    tty.type("yes\rao spawn 42\rhalf a li");
    await waitFor(() => tty.seen().includes("half a li"), { what: "the paste" });
    answered();
    await waitFor(() => tty.seen().includes("[y/N]"), { what: "the question" });
    expect(tty.seen()).toContain('ignored 3 lines that were typed or pasted ahead: "yes", "ao spawn 42", "half a li"');
    tty.type("ao wait app-1\r");
    await waitFor(() => tty.seen().includes('not an answer: "ao wait app-1". Type y or n.'), { what: "the complaint" });
    expect(daemon.of("merge")).toHaveLength(1);
    tty.type("y\r");
    expect(await tty.ended).toBe(0);
    expect(daemon.of("merge").map(({ params }) => params.isConfirmed)).toEqual([false, true]);
  });

  it("does not pass on what was pasted before the terminal was shown", async () => {
    const home = tempDir();
    let answered: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const daemon = await fakeDaemon(home, {
      attach: async () => {
        await asked;
        const script = 'echo inside; read line; echo "got <$line>"';
        return { argv: ["sh", "-c", script], env: {}, detachHint: "d", title: "T" };
      },
    });
    const tty = runOnTty(["attach", "app-1"], { home, ao });
    await waitFor(() => daemon.of("attach").length === 1, { what: "the command" });
    tty.type("rm -r build\r");
    await waitFor(() => tty.seen().includes("rm -r build"), { what: "the paste" });
    answered();
    await waitFor(() => tty.seen().includes("inside"), { what: "the terminal" });
    tty.type("hello\r");
    expect(await tty.ended).toBe(0);
    expect(tty.seen()).toContain("got <hello>");
  });

  it("shows what an untrusted config would run, asks, trusts exactly that, and continues", async () => {
    const home = tempDir();
    let isTrusted = false;
    const details = { pin: "p1", text: 'postCreate: "npm ci\u001b[2J"', diff: null, configPath: "/a.yaml" };
    const daemon = await fakeDaemon(home, {
      spawn: () =>
        isTrusted ? [view()] : new Refusal({ code: "UNTRUSTED", message: "/a.yaml is not trusted", details }),
      trust: ({ params }) => {
        isTrusted = params.pin === "p1";
        return { configPath: "/a.yaml", text: "", diff: null, pin: "p1", isTrusted };
      },
    });
    const tty = runOnTty(["spawn", "42"], { home, ao });
    await waitFor(() => tty.seen().includes("Trust /a.yaml? [y/N]"), { what: "the question" });
    expect(tty.seen()).toContain('postCreate: "npm ci"');
    tty.type("yes\r");
    expect(await tty.ended).toBe(0);
    expect(daemon.asked.map(({ name }) => name)).toEqual(["spawn", "trust", "spawn"]);
    const wishes = daemon.of("spawn").map(({ caller }) => caller.wishId);
    expect(wishes.every((wish) => wish !== undefined)).toBe(true);
  });

  it("attaches: runs the daemon's argv on this terminal and resets its modes afterwards", async () => {
    const home = tempDir();
    const script = "printf '\\033[?1049h\\033[?1000h'; echo inside $MARK; stty -echo; read line; kill -KILL $$";
    await fakeDaemon(home, {
      attach: () => ({ argv: ["sh", "-c", script], env: { MARK: "it" }, detachHint: "Ctrl-b d leaves", title: "T" }),
    });
    const tty = runOnTty(["attach", "app-1"], { home, ao, env: { TMUX: "/tmp/x,1,0" } });
    await waitFor(() => tty.seen().includes("inside it"), { what: "the program" });
    expect(tty.seen()).toContain("Ctrl-b d leaves");
    tty.type("\r");
    expect(await tty.ended).toBe(69);
    const after = tty.seen().slice(tty.seen().indexOf("inside it"));
    expect(after).toContain("\u001b[?1049l");
    expect(after).toContain("\u001b[?1000l");
  });

  it("opens the user's editor for the task", async () => {
    const home = tempDir();
    const editor = join(home, "editor.sh");
    writeFileSync(
      editor,
      '#!/bin/sh\nprintf "from the editor\\n\\n" > "$2.new"; cat "$2" >> "$2.new"; mv "$2.new" "$2"\n',
      { mode: 0o755 },
    );
    const daemon = await fakeDaemon(home, { spawn: () => [view()] });
    const tty = runOnTty(["spawn", "-e"], { home, ao, env: { EDITOR: `${editor} --wait` } });
    expect(await tty.ended).toBe(0);
    expect(daemon.of("spawn")[0]?.params.prompt).toBe("from the editor");
  });

  it("shows what a start is doing, and on Ctrl-C what continues and how to stop it", async () => {
    const home = tempDir();
    await fakeDaemon(home, {
      spawn: async (_asked, wire) => {
        wire.send({ type: "progress", text: "app-1: npm ci (2s): added 3 packages" });
        await wire.closed;
      },
    });
    const tty = runOnTty(["spawn", "42"], { home, ao });
    await waitFor(() => tty.seen().includes("npm ci (2s): added 3 packages"), { what: "the set-up" });
    tty.type("\u0003");
    expect(await tty.ended).toBe(130);
    const lines = tty.seen().replaceAll("\r", "");
    expect(lines).toContain("ao: stopped waiting; app-1 keeps starting\n");
    expect(lines).toContain("`ao status` shows it, `ao kill app-1` ends it\n");
  });

  it("pages the log of a check", async () => {
    const home = tempDir();
    const pr = { number: 7, url: "u", headSha: "0123456789", baseBranch: "main", ci: "failing" };
    const logs = [
      { names: ["test"], text: "not ok\u001b[31m 1\n" },
      { names: ["lint", "types"], text: "no setup\n" },
    ];
    const daemon = await fakeDaemon(home, { checks: () => ({ session: "app-1", pr, checks: [], logs }) });
    const tty = runOnTty(["checks", "app-1", "--log"], { home, ao, env: { GIT_PAGER: "sed s/^/paged:/" } });
    expect(await tty.ended).toBe(0);
    expect(daemon.of("checks")[0]?.params).toEqual({ session: "app-1", log: true });
    const lines = tty.seen().replaceAll("\r", "").split("\n").slice(0, 5);
    expect(lines).toEqual(
      ["── test ──", "not ok 1", "", "── lint, types ──", "no setup"].map((line) => `paged:${line}`),
    );
  });

  it("uses colours, unless NO_COLOR is set", async () => {
    const home = tempDir();
    await fakeDaemon(home, { status: () => new WithMeta([view()], META) });
    const plain = runOnTty(["status"], { home, ao, env: { NO_COLOR: "1" } });
    await plain.ended;
    expect(plain.seen()).not.toContain("\u001b[");
    const coloured = runOnTty(["status"], { home, ao });
    await coloured.ended;
    expect(coloured.seen()).toContain("\u001b[1mWorking");
  });
});

describe("status --watch", () => {
  it("redraws only what changed on the alternate screen, rings, survives the daemon, and leaves with q", async () => {
    const home = tempDir();
    const wires: Wire[] = [];
    const show = (wire: Wire, status: "working" | "mergeable") =>
      wire.send({ type: "item", data: { data: [view({ id: "app-1" }), view({ id: "app-2", status })], meta: META } });
    await fakeDaemon(home, {
      status: async (_asked, wire) => {
        wires.push(wire);
        show(wire, "working");
        await wire.closed;
      },
    });
    const tty = runOnTty(["status", "--watch"], { home, ao });
    await waitFor(() => tty.seen().includes("app-2"), { what: "the first picture" });
    expect(tty.seen()).toContain("\u001b[?1049h");
    const first = tty.seen().length;
    show(wires[0] as Wire, "mergeable");
    await waitFor(() => tty.seen().slice(first).includes("mergeable"), { what: "the change" });
    expect(tty.seen().slice(first)).not.toContain("Working");
    wires[0]?.send({ type: "ring", text: "app-2 needs you\u001b]0;x\u0007" });
    await waitFor(() => tty.seen().includes("\u0007\u001b]9;app-2 needs you\u0007"), { what: "the bell" });
    wires[0]?.hangUp();
    await waitFor(() => wires.length === 2, { what: "a second connection" });
    tty.type("q");
    expect(await tty.ended).toBe(0);
    expect(tty.seen().endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  });

  it("fits the height of the terminal and redraws when it changes", async () => {
    const home = tempDir();
    const sessions = Array.from({ length: 40 }, (_, at) => view({ id: `app-${at + 1}` }));
    await fakeDaemon(home, {
      status: async (_asked, wire) => {
        wire.send({ type: "item", data: { data: sessions, meta: META } });
        await wire.closed;
      },
    });
    const tty = runOnTty(["status", "-w"], { home, ao, rows: 10 });
    await waitFor(() => /… \d+ more sessions/.test(tty.seen()), { what: "the cut" });
    expect(tty.seen()).not.toContain("app-30");
    tty.resize(120, 60);
    await waitFor(() => tty.seen().includes("app-30"), { what: "the larger picture" });
    tty.type("\u0003");
    expect(await tty.ended).toBe(0);
  });
});
