import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { terminalProgram } from "@agent-orchestrator/testkit/terminal-program";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { type Bench, bench } from "./testing/bench.ts";
import { outerTerminal } from "./testing/outer-terminal.ts";

const OWN = "200x50";
const SIZES = [
  [20, 6, "60x20"],
  [80, 10, "80x20"],
  [1, 1, "60x20"],
  [40, 60, "60x59"],
  [300, 80, "300x79"],
] as const;

const sizeOf = ({ tmux }: Bench, handle: RuntimeHandle): string =>
  tmux("display-message", "-p", "-t", `=${handle.id}:`, "#{window_width}x#{window_height}").trim();

const untilSize = (at: Bench, handle: RuntimeHandle, size: string) =>
  waitFor(() => sizeOf(at, handle) === size, { what: `${size} columns and rows, not ${sizeOf(at, handle)}` });

const viewersOf = ({ tmux }: Bench, handle: RuntimeHandle): number[] =>
  tmux("list-clients", "-t", `=${handle.id}`, "-F", "#{client_pid}").split("\n").filter(Boolean).map(Number);

test.each(SIZES)(
  "while a terminal of %i×%i shows it, a session has %s and takes messages",
  async (columns, rows, size) => {
    const at = bench();
    const program = terminalProgram(tempDir(), "bracketed");
    const handle = await at.start(program.argv);
    const outer = outerTerminal();
    const { argv } = await at.runtime.getAttachInfo(handle);
    const viewer = outer.open(argv, { columns, rows });
    await untilSize(at, handle, size);
    await at.runtime.sendMessage(handle, "from ao");
    await waitFor(() => program.got().includes("from ao"));
    const screen = await at.runtime.getScreen(handle);
    expect(`${screen.size?.columns}x${screen.size?.rows}`).toBe(size);
    expect(isReadable(screen)).toBe(true);
    outer.tmux("kill-session", "-t", `=${viewer}`);
    await untilSize(at, handle, OWN);
  },
);

test("a session that begins while a tiny terminal shows another one has its own size", async () => {
  const at = bench();
  const shown = await at.start(["cat"]);
  const { argv } = await at.runtime.getAttachInfo(shown);
  outerTerminal().open(argv, { columns: 20, rows: 6 });
  await untilSize(at, shown, "60x20");
  const next = await at.start(["cat"]);
  await untilSize(at, next, OWN);
});

test("a session gets its own size back, however its last viewer leaves", async () => {
  const at = bench();
  const handle = await at.start(["cat"]);
  const outer = outerTerminal();
  const { argv } = await at.runtime.getAttachInfo(handle);
  const leave = [
    (name: string) => outer.leave(name),
    () => process.kill(viewersOf(at, handle)[0] ?? 0, "SIGKILL"),
    (name: string) => outer.tmux("kill-session", "-t", `=${name}`),
    () => at.tmux("detach-client", "-s", `=${handle.id}`),
    () =>
      at.tmux(
        "switch-client",
        "-c",
        at.tmux("list-clients", "-F", "#{client_name}", "-t", handle.id).trim(),
        "-t",
        "ao_hub",
      ),
  ];
  for (const goes of leave) {
    const viewer = outer.open(argv, { columns: 80, rows: 10 });
    await untilSize(at, handle, "80x20");
    // The prefix key is understood once the terminal is drawn.
    await waitFor(() => outer.screen(viewer).trim() !== "");
    goes(viewer);
    await untilSize(at, handle, OWN);
  }
});

test("of several viewers the one who typed last decides, a tiny one too, and the last to leave gives the size back", async () => {
  const at = bench();
  const program = terminalProgram(tempDir(), "raw");
  const handle = await at.start(program.argv);
  const outer = outerTerminal();
  const { argv } = await at.runtime.getAttachInfo(handle);
  const tiny = outer.open(argv, { columns: 20, rows: 6 });
  await untilSize(at, handle, "60x20");
  const large = outer.open(argv, { columns: 180, rows: 41 });
  await untilSize(at, handle, "180x40");
  outer.type(tiny, "t");
  await untilSize(at, handle, "60x20");
  outer.type(large, "l");
  await untilSize(at, handle, "180x40");
  outer.tmux("resize-window", "-t", `=${large}:`, "-x", "10", "-y", "3");
  await untilSize(at, handle, "60x20");
  outer.tmux("kill-session", "-t", `=${large}`);
  await untilSize(at, handle, "60x20");
  outer.tmux("kill-session", "-t", `=${tiny}`);
  await untilSize(at, handle, OWN);
});

test("sizes are kept without a daemon, and a new one puts right what an old tmux server left", async () => {
  const at = bench();
  const handle = await at.start(["cat"]);
  const other = await at.start(["cat"]);
  const outer = outerTerminal();
  const { argv } = await at.runtime.getAttachInfo(handle);
  await at.runtime.close();
  const viewer = outer.open(argv, { columns: 20, rows: 6 });
  await untilSize(at, handle, "60x20");
  await waitFor(() => outer.screen(viewer).trim() !== "");
  outer.tmux("kill-session", "-t", `=${viewer}`);
  await untilSize(at, handle, OWN);
  for (const name of [
    "client-attached",
    "client-detached",
    "client-resized",
    "client-active",
    "client-session-changed",
  ])
    at.tmux("set-hook", "-gu", name);
  at.tmux("resize-window", "-t", `=${other.id}:`, "-x", "20", "-y", "6");
  at.tmux("set-option", "-wu", "-t", `=${other.id}:`, "window-size");
  expect(sizeOf(at, other)).toBe("20x6");
  expect(await at.again().isAlive(other)).toBe(true);
  await at.again().getScreen(other);
  await untilSize(at, other, OWN);
});

test("the user's own hooks stay, and other sessions of the server keep their size", async () => {
  const at = bench();
  const handle = await at.start(["cat"]);
  at.tmux("set-hook", "-g", "client-attached[0]", "set-option -g @seen yes");
  at.tmux("new-session", "-d", "-s", "mine", "-x", "33", "-y", "7", "cat");
  const outer = outerTerminal();
  const { argv } = await at.runtime.getAttachInfo(handle);
  outer.open(argv, { columns: 80, rows: 10 });
  await untilSize(at, handle, "80x20");
  expect(at.tmux("show-options", "-gv", "@seen").trim()).toBe("yes");
  expect(at.tmux("display-message", "-p", "-t", "=mine:", "#{window_width}x#{window_height}").trim()).toBe("33x7");
});

test("a program is never told of a size that it cannot draw in, not even for a moment", async () => {
  const at = bench();
  const log = join(tempDir(), "sizes");
  const script = `trap 'stty size >> ${log}' WINCH; while :; do sleep 0.05; done`;
  const handle = await at.start(["bash", "-c", script]);
  const outer = outerTerminal();
  const { argv } = await at.runtime.getAttachInfo(handle);
  const [tiny, other] = [
    [1, 1],
    [20, 6],
  ].map(([columns = 0, rows = 0]) => outer.open(argv, { columns, rows }));
  await untilSize(at, handle, "60x20");
  outer.tmux("kill-session", "-t", `=${tiny}`);
  const large = outer.open(argv, { columns: 120, rows: 41 });
  await untilSize(at, handle, "120x40");
  outer.tmux("resize-window", "-t", `=${large}:`, "-x", "5", "-y", "2");
  await untilSize(at, handle, "60x20");
  for (const name of [large, other]) outer.tmux("kill-session", "-t", `=${name}`);
  await untilSize(at, handle, OWN);
  const seen = () => readFileSync(log, "utf8").trim().split("\n");
  await waitFor(() => seen().at(-1) === "50 200");
  expect(seen().filter((size) => !["20 60", "40 120", "50 200"].includes(size))).toEqual([]);
});
