import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import type { TerminalPicture } from "@agent-orchestrator/core/slots/terminal-view";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { tmuxScreen } from "@agent-orchestrator/testkit/tmux-screen";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { type Bench, bench } from "./testing/bench.ts";

/** Looks at a session, and keeps what it is told in one list. */
async function look(at: Bench, handle: RuntimeHandle, runtime = at.runtime) {
  const seen: (TerminalPicture | Uint8Array | "gap" | "end")[] = [];
  const view = await runtime.view(handle, {
    onOutput: (bytes) => seen.push(bytes),
    onPicture: (picture) => seen.push(picture),
    onGap: () => seen.push("gap"),
    onEnd: () => seen.push("end"),
  });
  onTestFinished(() => view.close());
  const text = (): string =>
    seen
      .map((each) => (typeof each === "string" ? "" : Buffer.from("size" in each ? each.bytes : each).toString()))
      .join("");
  return { view, seen, text, pictures: () => seen.filter((each) => typeof each === "object" && "size" in each) };
}

/** What a terminal shows after these bytes. */
function drawn(bytes: string | Uint8Array, { columns, rows }: { columns: number; rows: number }) {
  const dir = tempDir();
  writeFileSync(join(dir, "bytes"), bytes);
  const screen = tmuxScreen({ argv: ["sh", "-c", "stty raw -echo; cat bytes; cat"], cwd: dir, env: {}, columns, rows });
  onTestFinished(() => screen.close());
  return screen;
}

const sizeOf = ({ tmux }: Bench, handle: RuntimeHandle): string =>
  tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{window_width}x#{window_height}").trim();

const COLOURS = String.raw`printf 'plain \033[2mdim\033[0m \033[38;5;208morange\033[0m\nback\\slash ünïcode 漢字\n'; for i in 1 2 3; do echo line $i; done; exec cat`;

test("a picture draws in another terminal what this one shows, styles included", async () => {
  const at = bench();
  const handle = await at.start(["sh", "-c", COLOURS]);
  await waitFor(async () => (await at.runtime.getOutput(handle)).includes("line 3"));
  const { view, pictures } = await look(at, handle);
  await view.takePicture(100);
  const [picture] = pictures() as TerminalPicture[];
  expect(picture?.size).toEqual({ columns: 200, rows: 50 });
  const screen = drawn(picture?.bytes ?? "", { columns: 200, rows: 50 });
  await screen.shows("line 3");
  const wanted = (await at.runtime.getScreen(handle)).rows.join("\n").trimEnd();
  expect(screen.text()).toBe(wanted);
  expect(wanted).toContain("back\\slash ünïcode 漢字");
  expect(screen.text({ colours: true })).toContain("\u001b[38;5;208m");
});

test("a picture has the lines above the screen that were asked for, and no more", async () => {
  const at = bench();
  const handle = await at.start(["sh", "-c", "seq 1 500; exec cat"]);
  await waitFor(async () => (await at.runtime.getOutput(handle)).endsWith("500"));
  const { view, pictures } = await look(at, handle);
  await view.takePicture(100);
  await view.takePicture(0);
  const [long, short] = (pictures() as TerminalPicture[]).map(({ bytes }) => Buffer.from(bytes).toString());
  expect(long?.split("\r\n")).toHaveLength(150);
  expect(short?.split("\r\n")).toHaveLength(50);
});

test("the picture and what follows it are whole: nothing is missing, nothing comes twice", async () => {
  const at = bench();
  const counting = 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "n$i;"; done; exec cat';
  const handle = await at.start(["sh", "-c", `read go; ${counting}`]);
  const { view, seen, text } = await look(at, handle);
  await view.write(Buffer.from("go\r"));
  for (let round = 0; round < 5; round += 1) await view.takePicture(4_000);
  await waitFor(() => text().includes("n3000;"), { what: "the last line" });
  const last = seen.findLastIndex((each) => typeof each === "object" && "size" in each);
  const after = seen.slice(last).map((each) => (typeof each === "string" ? each : "size" in each ? each.bytes : each));
  const lines = Buffer.concat(after.map((each) => Buffer.from(each))).toString();
  const numbers = [...lines.matchAll(/n(\d+);/g)].map(([, number]) => Number(number));
  const [first = 0] = numbers;
  expect(numbers).toEqual(Array.from({ length: 3000 - first + 1 }, (_, index) => first + index));
});

test("keys reach the program as they were pressed, and count as a person's", async () => {
  const at = bench();
  const program = terminalProgram(tempDir(), "raw");
  const handle = await at.start(program.argv);
  const facts: RuntimeFact[] = [];
  const watch = await at.runtime.watch(handle, (fact) => facts.push(fact));
  onTestFinished(() => watch.stop());
  const { view, text } = await look(at, handle);
  await waitFor(async () => (await at.runtime.getOutput(handle)).includes("ready>"));
  const keys = `a;b \u001b[A\r\t"'\\#{x} é${"x".repeat(700)}`;
  await view.write(Buffer.from(keys));
  await waitFor(() => program.got() === keys, { what: `the keys, not ${JSON.stringify(program.got())}` });
  await waitFor(() => text().includes("."));
  expect(facts.some(({ kind }) => kind === "human-input")).toBe(true);
});

test("a full-screen program is drawn on the other screen, with its modes", async () => {
  const at = bench();
  const script = String.raw`printf 'before\n\033[?1049h\033[?1h\033[?1000h\033[?1006h\033[?2004h\033[?25l\033[5;7Hhere'; exec cat`;
  const handle = await at.start(["sh", "-c", script]);
  await waitFor(async () => (await at.runtime.getScreen(handle)).rows.join("").includes("here"));
  const { view, text } = await look(at, handle);
  await view.takePicture(100);
  expect(text()).not.toContain("before");
  for (const mode of ["?1049h", "?1h", "?1000h", "?1006h", "?2004h", "?25l", "5;11H"])
    expect(text()).toContain(`[${mode}`);
});

test("a viewer's size holds while it looks, and is given back, by the next daemon if need be", async () => {
  const at = bench();
  const handle = await at.start(["cat"]);
  const { view, seen } = await look(at, handle);
  await view.resize({ columns: 90, rows: 30 });
  await waitFor(() => sizeOf(at, handle) === "90x30");
  await waitFor(() => seen.includes("gap"), { what: "word that the picture is no longer right" });
  await view.resize(null);
  expect(sizeOf(at, handle)).toBe("200x50");
  await view.resize({ columns: 80, rows: 25 });
  await view.close();
  expect(sizeOf(at, handle)).toBe("200x50");
  const second = await look(at, handle);
  await second.view.resize({ columns: 10, rows: 5 });
  expect(sizeOf(at, handle)).toBe("60x20");
  const next = at.again();
  await next.isAlive(handle);
  await next.getScreen(handle);
  await waitFor(() => sizeOf(at, handle) === "200x50");
});

test("the end of the program is told", async () => {
  const at = bench();
  const handle = await at.start(["sh", "-c", "read x"]);
  const { view, seen } = await look(at, handle);
  await view.write(Buffer.from("\r"));
  await waitFor(() => seen.includes("end"));
});
