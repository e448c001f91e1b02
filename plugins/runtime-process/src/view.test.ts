import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { TerminalPicture } from "@agent-orchestrator/core/slots/terminal-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Bench, bench, buildHelpers } from "./testing/bench.ts";

let helpers: { dir: string; remove(): void };
beforeAll(async () => {
  helpers = await buildHelpers();
});
afterAll(() => helpers.remove());

async function look({ runtime }: Bench, handle: RuntimeHandle) {
  const pictures: TerminalPicture[] = [];
  const happened: string[] = [];
  let text = "";
  const view = await runtime.view?.(handle, {
    onOutput: (bytes) => (text += Buffer.from(bytes).toString()),
    onPicture(picture) {
      pictures.push(picture);
      text = Buffer.from(picture.bytes).toString();
    },
    onGap: () => happened.push("gap"),
    onEnd: () => happened.push("end"),
  });
  if (view === undefined) throw new Error("this runtime shows no terminals");
  onTestFinished(() => view.close());
  return { view, pictures, happened, text: () => text };
}

const ECHO = ["sh", "-c", "stty -echo; echo begun; while read x; do echo got-$x; done"];

test("what was printed before and after the picture is whole, and keys reach the program", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: ECHO });
  await waitFor(async () => (await set.runtime.getOutput(handle)).includes("begun"));
  const { view, pictures, text } = await look(set, handle);
  await view.takePicture(100);
  expect(pictures[0]?.size).toEqual({ columns: 120, rows: 40 });
  expect(text()).toBe("begun\r\n");
  await view.write(Buffer.from("one\r"));
  await waitFor(() => text() === "begun\r\ngot-one\r\n");
  await view.takePicture(100);
  expect(text()).toBe("begun\r\ngot-one\r\n");
});

test("a look has no size of its own, one that sets a size gives it back, and the end is told", async () => {
  const set = bench(helpers.dir);
  const handle = await set.start("never", { argv: ["sh", "-c", "while read x; do stty size; done"] });
  const reader = await look(set, handle);
  await reader.view.takePicture(0);
  const writer = await look(set, handle);
  await writer.view.takePicture(0);
  await writer.view.resize({ columns: 90, rows: 30 });
  await waitFor(() => reader.happened.includes("gap"));
  await writer.view.write(Buffer.from("\r"));
  await waitFor(() => reader.text().includes("30 90"));
  await writer.view.resize(null);
  await waitFor(() => reader.happened.filter((each) => each === "gap").length === 2);
  await reader.view.write(Buffer.from("\r"));
  await waitFor(() => reader.text().includes("40 120"));
  await reader.view.write(Buffer.from("\u0004"));
  await waitFor(() => reader.happened.includes("end"));
});

test("a program without a terminal is shown with the line ends of one", async () => {
  const set = bench(helpers.dir, { terminal: "pipe" });
  const handle = await set.start("never", { argv: ["sh", "-c", "echo one; echo two; sleep 60"] });
  const { view, text } = await look(set, handle);
  await waitFor(async () => {
    await view.takePicture(0);
    return text() === "one\r\ntwo\r\n";
  });
});
