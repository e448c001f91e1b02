import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { bench } from "./testing/bench.ts";

const pasted = (text: string): string => `\u001b[200~${cleanMessage(text)}\u001b[201~\r`;

/** 500 messages of 25 kinds, from 1 byte to 64 KiB. The file `canary` must never be created. */
function hostileMessages(canary: string): string[] {
  const kinds = [
    (n: number) => String.fromCharCode(97 + (n % 26)),
    (n: number) => `please do this ${n};`,
    (n: number) => `-l leading dash ${n}`,
    () => "--",
    () => "Enter",
    () => "C-c",
    () => "#{pane_pid}",
    () => `#(touch ${canary})`,
    () => `$(touch ${canary}) \`touch ${canary}\``,
    () => `' ; touch ${canary} ; '`,
    () => `x ; run-shell "touch ${canary}" ;`,
    (n: number) => `lines\nof\n\nnumber ${n}\n`,
    () => "\n",
    () => "dos\r\nand old mac\rends",
    () => "emoji 😀 👩‍👩‍👧 é 漢字 \u202e",
    () => "\ttab\tand  blanks  ",
    () => "\u001b[201~\rescape from the paste",
    () => "\u001b]52;c;aGk=\u0007\u009b31m\u0000\u0003",
    () => "%begin 1 2 3\n%end 1 2 3",
    () => "{ } } { \\\\ \\; \\n \\033 \"'",
    () => "$HOME ~ %self @ao_last_msg",
    (n: number) => "x".repeat(1 + ((n * 977) % 4_200)),
    (n: number) => `${"é".repeat(90)}\n`.repeat(1 + (n % 60)),
    (n: number) => (n % 100 === 23 ? "y".repeat(65_536) : `short ${n}`),
    (n: number) => `a;b;c ${n} \\;`,
  ];
  return Array.from({ length: 500 }, (_, n) => kinds[n % kinds.length]?.(n) ?? "");
}

test("500 hostile messages reach a program with bracketed paste once each and byte for byte, although each is sent twice", async () => {
  const { runtime, start } = bench();
  const dir = tempDir();
  const program = terminalProgram(dir, "bracketed");
  const handle = await start(program.argv);
  const messages = hostileMessages(join(dir, "canary"));
  for (const [n, text] of messages.entries()) {
    const sent = runtime.sendMessage(handle, text, { id: `m-${n}` });
    await Promise.all([sent, runtime.sendMessage(handle, text, { id: `m-${n}` })]);
  }
  const expected = messages.map(pasted).join("");
  await waitFor(() => program.got().length >= expected.length);
  expect(program.got() === expected).toBe(true);
  expect(existsSync(join(dir, "canary"))).toBe(false);
});

test("a new instance knows what was sent before it, and that bracketed paste is on", async () => {
  const { runtime, start, again } = bench();
  const program = terminalProgram(tempDir(), "bracketed");
  const handle = await start(program.argv);
  await runtime.sendMessage(handle, "first", { id: "one" });
  await runtime.close();
  const later = again();
  await later.sendMessage(handle, "first", { id: "one" });
  await later.sendMessage(handle, "two\nlines", { id: "two" });
  await waitFor(() => program.got() === pasted("first") + pasted("two\nlines"));
});

test("a user who has scrolled back loses the view, not the message", async () => {
  const { runtime, start, tmux } = bench();
  const program = terminalProgram(tempDir(), "bracketed");
  const handle = await start(program.argv);
  tmux("copy-mode", "-t", `=${handle.id}:`);
  await runtime.sendMessage(handle, "two\nlines");
  await waitFor(() => program.got() === pasted("two\nlines"));
});

test("nothing is sent before a slow program has set up its terminal", async () => {
  const { runtime, start } = bench();
  const program = terminalProgram(tempDir(), "bracketed", 1_200);
  const handle = await start(program.argv);
  await runtime.sendMessage(handle, "early\nbird");
  await waitFor(() => program.got() === pasted("early\nbird"));
});

test("a raw program without bracketed paste gets a short message as a line and a long one as a file", async () => {
  const { runtime, start, context } = bench();
  const program = terminalProgram(tempDir(), "raw");
  const handle = await start(program.argv, { sessionDir: join(context.home, "s") });
  await runtime.sendMessage(handle, "one line");
  await waitFor(() => program.got() === "one line\r");
  await runtime.sendMessage(handle, "two\nlines", { id: "second" });
  const path = join(context.home, "s/messages/second.md");
  await waitFor(() => program.got().endsWith("\r") && program.got().includes(path));
  expect(program.got().split("\r")).toHaveLength(3);
  expect(readFileSync(path, "utf8")).toBe("two\nlines\n");
});

test("a program in cooked mode gets 64 KiB as a file and one line that names it", async () => {
  const { runtime, start, context, workspacePath } = bench();
  const log = join(tempDir(), "log");
  const script = 'while IFS= read -r line; do printf "%s\\n" "$line" >>"$1"; done';
  const handle = await start(["sh", "-c", script, "sh", log], { sessionDir: join(context.home, "s") });
  const text = `${"漢".repeat(40)}\n`.repeat(541);
  await runtime.sendMessage(handle, text, { id: "big" });
  await runtime.sendMessage(handle, "after it");
  const lines = await waitFor(() => {
    const got = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
    return got.length === 3 ? got : null;
  });
  expect(lines[0]).toContain(join(context.home, "s/messages/big.md"));
  expect(lines[1]).toBe("after it");
  expect(readFileSync(join(context.home, "s/messages/big.md"), "utf8")).toBe(text);
  expect(readdirSync(workspacePath)).toEqual([]);
});

test("the way to send can be set for a session or for one message", async () => {
  const { runtime, start } = bench();
  const program = terminalProgram(tempDir(), "raw");
  const handle = await start(program.argv, { paste: "bracketed" });
  await runtime.sendMessage(handle, "forced\npaste");
  await waitFor(() => program.got() === pasted("forced\npaste"));
  await runtime.sendMessage(handle, "a\nb", { paste: "line" });
  await waitFor(() => program.got() === `${pasted("forced\npaste")}a\rb\r`);
});

test("a message for a program that has ended is refused, and the server survives", async () => {
  const { runtime, start } = bench();
  const other = await start(["cat"]);
  const handle = await start(["sh", "-c", "exit 0"]);
  await waitFor(async () => !(await runtime.isAlive(handle)));
  await expect(runtime.sendMessage(handle, "hello")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await runtime.isAlive(other)).toBe(true);
});

test("messages for programs that end at the same moment never crash the server", async () => {
  const { runtime, start, tmux } = bench();
  const keep = await start(["cat"]);
  const server = tmux("display-message", "-p", "#{pid}");
  const flag = join(tempDir(), "flag");
  const handles = await Promise.all(
    Array.from({ length: 12 }, () => start(["sh", "-c", 'while [ ! -e "$1" ]; do sleep 0.05; done', "sh", flag])),
  );
  const sends = handles.map(async (handle) => {
    for (let n = 0; n < 200; n++) await runtime.sendMessage(handle, "x", { paste: "line" });
  });
  await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(flag, "");
  for (const result of await Promise.allSettled(sends)) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "UNAVAILABLE" });
  }
  expect(await runtime.isAlive(keep)).toBe(true);
  expect(tmux("display-message", "-p", "#{pid}")).toBe(server);
});

test("typed messages arrive in small pieces with their line feeds, then one Enter, once per id", async () => {
  const { runtime, start, again } = bench();
  const program = terminalProgram(tempDir(), "bracketed");
  const handle = await start(program.argv);
  const texts = ["a", "-t x ; kill-server", "Enter C-c #{pane_pid}", "two\nlines\n", `${"é漢😀 ".repeat(300)}end;`];
  const send = async (by: typeof runtime) => {
    for (const [n, text] of texts.entries()) await by.sendMessage(handle, text, { id: `t-${n}`, paste: "typed" });
  };
  await send(runtime);
  await send(again());
  const expected = texts.map((text) => `${text}\r`).join("");
  await waitFor(() => program.got().length >= expected.length);
  expect(program.got()).toBe(expected);
});

test("a guard that refuses stops the typing before the Enter, and what was not written may be sent again", async () => {
  const { runtime, start } = bench();
  const program = terminalProgram(tempDir(), "bracketed");
  const handle = await start(program.argv);
  let asked = 0;
  const guard = async () => ++asked < 3;
  const text = `${"x".repeat(400)}${"y".repeat(400)}${"z".repeat(400)}`;
  const stopped = runtime.sendMessage(handle, text, { id: "g-1", paste: "typed", guard });
  await expect(stopped).rejects.toMatchObject({ code: "REFUSED" });
  await waitFor(() => program.got().length >= 800);
  expect(program.got()).toBe(text.slice(0, 800));
  await runtime.sendMessage(handle, "again", { id: "g-1", paste: "typed" });
  await waitFor(() => program.got().endsWith("again\r"));
});

test("each row of a wrapped dim text says that it is dim", async () => {
  const { runtime, start } = bench();
  const words = "x".repeat(400);
  const handle = await start(["sh", "-c", `printf 'a \\033[2m${words}\\033[0m end'; stty raw -echo; exec cat`]);
  const { styledRows } = await waitFor(async () => {
    const seen = await runtime.getScreen(handle);
    return seen.rows.some((row) => row.endsWith("end")) ? seen : null;
  });
  const dim = (styledRows ?? []).filter((row) => row.includes("xx"));
  expect(dim.length).toBeGreaterThan(1);
  for (const row of dim) expect(row).toMatch(/^(?:a )?\u001b\[(?:0;)?2m/);
});

test("the screen is read with its colours, cursor and title, and keys and characters are pressed literally", async () => {
  const { runtime, start } = bench();
  const line = "printf '\\033]2;my title\\007\\033[2mdim\\033[0m plain \\033[7m \\033[0m'; stty raw -echo; exec cat";
  const handle = await start(["sh", "-c", line]);
  const screen = await waitFor(async () => {
    const seen = await runtime.getScreen(handle);
    return seen.rows[0]?.startsWith("dim plain") && seen.title === "my title" ? seen : null;
  });
  expect(screen.rows[0]).toBe("dim plain");
  expect(screen.styledRows?.[0]).toContain("\u001b[2mdim");
  expect(screen.cursor).toEqual({ column: 11, row: 0 });
  await runtime.sendKeys(handle, [{ char: ";" }, { char: "é" }, { char: "-" }, "Tab", { char: "2" }]);
  await waitFor(async () => (await runtime.getScreen(handle)).rows[0]?.includes(";é-"));
  expect((await runtime.getScreen(handle)).rows[0]).toMatch(/;é-\s+2$/);
});
