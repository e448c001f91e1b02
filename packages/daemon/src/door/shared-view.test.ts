import type { TerminalEvents, TerminalSize, TerminalView } from "@agent-orchestrator/core/slots/terminal-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { SharedView } from "./shared-view.ts";
import { MAX_HELD, TerminalViewer } from "./terminal-viewer.ts";

const SIZE = { columns: 80, rows: 24 };

/** A terminal whose program does what the test says, and real sockets to viewers. */
async function bench() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = server.address() as { port: number };
  let events: TerminalEvents | null = null;
  let printed = "";
  let asked = 0;
  const sizes: (TerminalSize | null)[] = [];
  const view: TerminalView = {
    async takePicture() {
      asked += 1;
      events?.onPicture({ bytes: Buffer.from(printed.slice(-1000)), size: SIZE });
    },
    write: async () => undefined,
    resize: async (size) => void sizes.push(size),
    close: async () => undefined,
  };
  const problems: unknown[] = [];
  const shared = new SharedView(
    async (told) => {
      events = told;
      return view;
    },
    (error) => problems.push(error),
  );
  const join = async () => {
    const arrived = new Promise<WebSocket>((resolve) => server.once("connection", resolve));
    const browser = new WebSocket(`ws://127.0.0.1:${port}`);
    const seen: (string | Record<string, unknown>)[] = [];
    browser.on("message", (data, isBinary) => seen.push(isBinary ? String(data) : JSON.parse(String(data))));
    const viewer = new TerminalViewer(await arrived);
    await shared.add(viewer);
    const text = () => seen.filter((each) => typeof each === "string").join("");
    const screens = () => seen.filter((each) => typeof each !== "string" && each.type === "screen").length;
    return { browser, viewer, seen, text, screens };
  };
  const print = (text: string) => {
    printed += text;
    events?.onOutput(Buffer.from(text));
  };
  return { shared, join, print, sizes, problems, gap: () => events?.onGap(), asked: () => asked };
}

test("a viewer gets the picture, and then what follows, once", async () => {
  const { join, print } = await bench();
  print("before;");
  const first = await join();
  print("between;");
  const second = await join();
  print("after;");
  await waitFor(() => first.text() === "before;between;after;" && second.text() === "before;between;after;");
  expect([first.screens(), second.screens()]).toEqual([1, 1]);
});

test("a viewer that confirms nothing gets a mebibyte at most, others all, and a new picture once it has caught up", async () => {
  const { shared, join, print } = await bench();
  const [slow, quick] = [await join(), await join()];
  const block = "x".repeat(64 * 1024);
  let sent = 0;
  for (let count = 0; count < 40; count += 1) {
    print(block);
    sent += block.length;
    await waitFor(() => quick.text().length === sent);
    shared.confirm(quick.viewer, block.length);
  }
  expect(slow.viewer.unread).toBeLessThanOrEqual(MAX_HELD);
  expect(slow.text().length).toBeLessThanOrEqual(MAX_HELD);
  print("the end");
  shared.confirm(slow.viewer, slow.text().length);
  await waitFor(() => slow.screens() === 2);
  await waitFor(() => slow.text().endsWith("the end"));
  expect(quick.screens()).toBe(1);
});

test("a gap in the same moment as a picture asks for another one", async () => {
  const { join, gap, asked, print } = await bench();
  const viewer = await join();
  gap();
  gap();
  await waitFor(() => viewer.screens() >= 2);
  print("after");
  await waitFor(() => viewer.text().endsWith("after"));
  expect(asked()).toBeGreaterThanOrEqual(2);
});

test("the size of whoever set it last goes when they leave, not when others do", async () => {
  const { shared, join, sizes } = await bench();
  const [reader, first, second] = [await join(), await join(), await join()];
  await shared.resize(first.viewer, SIZE);
  await shared.resize(second.viewer, SIZE);
  shared.remove(first.viewer);
  await shared.resize(first.viewer, SIZE);
  expect(sizes).toEqual([SIZE, SIZE]);
  shared.remove(second.viewer);
  await waitFor(() => sizes.length === 3);
  expect(sizes[2]).toBeNull();
  shared.remove(reader.viewer);
  expect(shared.isEmpty).toBe(true);
});
