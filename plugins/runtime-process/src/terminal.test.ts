import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Bench, bench, buildHelpers } from "./testing/bench.ts";

let helpers: { dir: string; remove(): void };
beforeAll(async () => {
  helpers = await buildHelpers();
});
afterAll(() => helpers.remove());

interface Pty {
  onData(listener: (data: string) => void): void;
  onExit(listener: (end: { exitCode: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  kill(signal?: string): void;
}
const pty = createRequire(import.meta.url)("@lydell/node-pty") as {
  spawn(file: string, args: string[], options: object): Pty;
};

/** A program with a raw terminal that records every byte it gets, after `delayMs` of starting. */
function rawProgram({ workspacePath }: Bench, how: { delayMs?: number; paste?: boolean; deaf?: boolean }): string[] {
  const file = join(workspacePath, "raw.mjs");
  writeFileSync(
    file,
    `import fs from "node:fs";
    const until = performance.now() + ${how.delayMs ?? 0};
    while (performance.now() < until);
    process.stdin.setRawMode(true);
    process.stdout.write("${how.paste ? "\\u001b[?20" : ""}");
    setTimeout(() => process.stdout.write("${how.paste ? "04h" : ""}> "), 20);
    ${how.deaf ? "setTimeout(() => undefined, 60_000);" : 'process.stdin.on("data", (d) => fs.appendFileSync("got", d));'}`,
  );
  return [process.execPath, file];
}

const got = ({ workspacePath }: Bench) => readFileSync(join(workspacePath, "got"), "utf8");

test("a program with bracketed paste gets the message byte for byte as one paste, and then one Enter", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, { paste: true }) });
  const text = `${"line with ünicode 🙂 \t and $(x)\n".repeat(1_900)}end`;
  await set.runtime.sendMessage(handle, text, { id: "big" });
  await waitFor(() => got(set).endsWith("\r"));
  expect(got(set)).toBe(`\u001b[200~${text}\u001b[201~\r`);
});

const HOSTILE = [
  "please do this;",
  "-l leading dash",
  "--",
  "C-c",
  "#{pane_pid} #(id) $(id) `id` ${HOME} ~",
  "' ; run-shell \"id\" ; '",
  "lines\nof\n\nnumbers\n",
  "\n",
  "emoji 😀 👩‍👩‍👧 é 漢字 \u202e",
  "\ttab\tand  blanks  ",
  '{"id":1,"op":"send"}',
  "\\n \\033 %self \\",
  "é".repeat(4_000),
  "y".repeat(65_536),
];

test("hostile messages arrive once each, byte for byte and in order, although each is sent twice at once", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, { paste: true }) });
  const sends = HOSTILE.flatMap((text, n) => [0, 1].map(() => set.runtime.sendMessage(handle, text, { id: `m${n}` })));
  await Promise.all(sends);
  const expected = HOSTILE.map((text) => `\u001b[200~${cleanMessage(text)}\u001b[201~\r`);
  await waitFor(() => got(set).length >= expected.join("").length);
  expect(got(set).split("\r").sort()).toEqual(expected.join("").split("\r").sort());
});

test("a message cannot end its own paste", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, { paste: true }) });
  await set.runtime.sendMessage(handle, "a\u001b[201~\rrm -rf /\r\u0003");
  await waitFor(() => got(set).endsWith("\r"));
  expect(got(set)).toBe("\u001b[200~a[201~\nrm -rf /\n\u001b[201~\r");
});

test("a raw program without bracketed paste gets a line and an Enter", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, {}) });
  await set.runtime.sendMessage(handle, "do this;");
  await waitFor(() => got(set).endsWith("\r"));
  expect(got(set)).toBe("do this;\r");
});

test("an aborted message to a program that is not ready is withdrawn, and can be sent again", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, { delayMs: 1_500 }) });
  const abort = new AbortController();
  const sending = set.runtime.sendMessage(handle, "too early", { id: "m", signal: abort.signal });
  abort.abort(new Error("given up"));
  await expect(sending).rejects.toThrow("given up");
  await set.runtime.sendMessage(handle, "now", { id: "m" });
  await waitFor(() => got(set).endsWith("\r"));
  expect(got(set)).toBe("now\r");
});

test("the setting of the launch or the message overrides what was detected", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: rawProgram(set, { paste: true }), paste: "line" });
  await set.runtime.sendMessage(handle, "typed");
  await set.runtime.sendMessage(handle, "kept", { id: "k", paste: "file" });
  await waitFor(() => got(set).split("\r").length === 3);
  const [first, second] = got(set).split("\r");
  expect(first).toBe("typed");
  expect(readFileSync(/\/\S+\.txt/.exec(second ?? "")?.[0] ?? "", "utf8")).toBe("kept");
});

test("queries to the terminal are answered while nobody is attached", async () => {
  const set = bench(helpers.dir);
  const argv = ["sh", "-c", "stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null > got; exec sleep 60"];
  await set.start("never", { argv });
  await waitFor(() => got(set).length === 6);
  expect(got(set)).toBe("\u001b[1;1R");
});

interface Viewer {
  terminal: Pty;
  seen(): string;
  ended: Promise<number>;
}

/** The attach client in its own terminal, as a user would run it. */
async function attach({ runtime }: Bench, handle: RuntimeHandle, size = { cols: 90, rows: 30 }): Promise<Viewer> {
  const info = await runtime.getAttachInfo?.(handle);
  const [file = "", ...args] = info?.argv ?? [];
  const terminal = pty.spawn(file, args, { ...size, env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color" } });
  let seen = "";
  terminal.onData((data) => {
    seen += data;
  });
  const ended = new Promise<number>((done) => terminal.onExit(({ exitCode }) => done(exitCode)));
  onTestFinished(() => terminal.kill("SIGKILL"));
  return { terminal, seen: () => seen, ended };
}

const SIZES = "trap 'stty size' WINCH; stty size; echo up; while :; do read -r l && echo \"got <$l>\"; done";

test("a viewer sees earlier output, types, leaves with the detach key, and the agent keeps running", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start(SIZES);
  const facts: RuntimeFact[] = [];
  await set.runtime.watch?.(handle, (fact) => facts.push(fact));
  await waitFor(async () => (await set.runtime.getOutput(handle)).includes("up"));
  const viewer = await attach(set, handle);
  await waitFor(() => viewer.seen().includes("up"));
  await waitFor(() => viewer.seen().includes("30 90"), { what: "the program to have the viewer's size" });
  viewer.terminal.write("hello\r");
  await waitFor(() => viewer.seen().includes("got <hello>"));
  await waitFor(() => facts.some((fact) => fact.kind === "human-input"));
  viewer.terminal.write("\u001d");
  expect(await viewer.ended).toBe(0);
  expect(viewer.seen()).toMatch(/detached; app-\d+ goes on/);
  expect(await set.runtime.isAlive(handle)).toBe(true);
});

test("with two viewers the program gets the smaller size, and the larger one back when one leaves", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start(SIZES);
  const large = await attach(set, handle, { cols: 150, rows: 50 });
  await waitFor(() => large.seen().includes("50 150"));
  const small = await attach(set, handle, { cols: 70, rows: 20 });
  await waitFor(() => large.seen().includes("20 70"));
  small.terminal.write("x\r");
  await waitFor(() => large.seen().includes("got <x>"));
  const before = large.seen().length;
  small.terminal.write("\u001d");
  await small.ended;
  await waitFor(() => large.seen().slice(before).includes("50 150"));
  large.terminal.resize(100, 40);
  await waitFor(() => large.seen().includes("40 100"));
});

test("when the last viewer leaves or is killed, the program gets the session's own size back", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start(SIZES);
  const output = async () => (await set.runtime.getOutput(handle)).split("\n").filter((line) => /^\d+ \d+$/.test(line));
  await waitFor(async () => (await output()).at(-1) === "40 120");
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    const viewer = await attach(set, handle, { cols: 20, rows: 6 });
    await waitFor(async () => (await output()).at(-1) === "6 20");
    viewer.terminal.kill(signal);
    await viewer.ended;
    await waitFor(async () => (await output()).at(-1) === "40 120", { what: `the own size back after ${signal}` });
  }
});

test("modes that the program turned on are turned off in the viewer's terminal when it leaves", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("printf '\\033[?1049h\\033[?1000h\\033[?25l\\033[?2004hhi'; exec sleep 60");
  const viewer = await attach(set, handle);
  await waitFor(() => viewer.seen().includes("hi"));
  viewer.terminal.write("\u001d");
  await viewer.ended;
  const farewell = viewer.seen().slice(viewer.seen().lastIndexOf("hi"));
  for (const sign of ["\u001b[?1049l", "\u001b[?1000l", "\u001b[?2004l", "\u001b[?25h"])
    expect(farewell).toContain(sign);
});

test("a viewer is notified when the program ends", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("read -r l; echo bye; exit 4");
  const viewer = await attach(set, handle);
  viewer.terminal.write("\r");
  expect(await viewer.ended).toBe(0);
  expect(viewer.seen()).toContain("bye");
  expect(viewer.seen()).toMatch(/has ended: exit 4/);
});

test("ring reaches only attached terminals, as a bell and a notification", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("echo up; exec sleep 60");
  const viewer = await attach(set, handle);
  await waitFor(() => viewer.seen().includes("up"));
  await set.runtime.ring?.(handle, "app-1 asks\u001b]0;x\u0007 you");
  await waitFor(() => viewer.seen().includes("\u0007\u001b]9;app-1 asks you\u001b\\"));
  expect(await set.runtime.getOutput(handle)).not.toContain("asks");
});

test("a viewer that does not read never stops the agent", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start(
    "read -r l; i=0; while [ $i -lt 60 ]; do seq 1 20000; i=$((i+1)); done; echo all; exec sleep 60",
  );
  const { connect } = await import("node:net");
  const lazy = connect(String(handle.data.socket));
  onTestFinished(() => void lazy.destroy());
  lazy.write('{"id":1,"op":"attach","columns":80,"rows":24}\n');
  lazy.pause();
  await set.runtime.sendMessage(handle, "go");
  await waitFor(async () => (await set.runtime.getOutput(handle, 3)).includes("all"), { timeoutMs: 20_000 });
});

test("an attach to a program that has ended is refused", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("exit 0");
  await waitFor(async () => !(await set.runtime.isAlive(handle)));
  await set.runtime.getProcess?.(handle);
  await waitFor(async () => {
    const answer = await set.runtime.getAttachInfo?.(handle).catch((error: Error) => error);
    return answer instanceof Error && answer.message.includes("ended");
  });
});

test("nothing is lost while the daemon is not running", async () => {
  const set = bench(helpers.dir);
  mkdirSync(join(set.workspacePath, "x"));
  const handle = await set.start("read -r l; echo one; exit 5");
  await set.runtime.sendMessage(handle, "go", { id: "m" });
  await set.runtime.close?.();
  const later = set.again();
  const facts: RuntimeFact[] = [];
  await later.watch?.(handle, (fact) => facts.push(fact));
  await waitFor(() => facts.some((fact) => fact.kind === "exit"));
  expect(facts.at(-1)).toMatchObject({ exit: { code: 5 }, lastOutput: expect.stringContaining("one") });
  await later.sendMessage(handle, "go", { id: "m" });
});
