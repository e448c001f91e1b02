import { createRequire } from "node:module";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { desktopNotifier } from "./desktop.ts";
import { asNative, type Native, type NativeOptions, NativeScreen } from "./native.ts";
import { answer, done, MERGE, OPEN, QUESTION, READY, ready } from "./testing/asking.ts";
import { listener } from "./testing/desktop.ts";
import { wordingOfText } from "./wording.ts";

/** node-notifier's own way from options to the arguments of terminal-notifier. */
const utils = createRequire(import.meta.url)("node-notifier/lib/utils.js") as {
  mapToMac(options: NativeOptions): NativeOptions;
  constructArgumentList(options: NativeOptions): string[];
};

type Done = Parameters<Native["notify"]>[1];

/** A stand-in for node-notifier on macOS that records what it is asked, and clicks as a test says. */
function mac({ isMac = true, failure = null as Error | null } = {}) {
  const calls: { options: NativeOptions; done: Done }[] = [];
  const native: Native = {
    notify(options, done) {
      calls.push({ options, done });
      if (failure !== null) done(failure, "");
      else if (options.timeout === false) done(null, "");
    },
  };
  const notifier = desktopNotifier(
    {},
    pluginContext(),
    (context, onPress) => new NativeScreen(context, onPress, { load: async () => native, isMac }),
  );
  const click = (activationType: string, activationValueIndex?: number, activationValue?: string) =>
    calls.at(-1)?.done(null, "activate", {
      ...{ activationType, activationValue },
      activationValueIndex: activationValueIndex === undefined ? undefined : String(activationValueIndex),
    });
  return { notifier, calls, click };
}

test("the choices are actions of terminal-notifier, and a click reaches ao", async () => {
  const { notifier, calls, click } = mac();
  const { acts } = listener(notifier, () => done);
  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  expect(utils.constructArgumentList(utils.mapToMac({ ...calls[0]?.options })).join(" ")).toBe(
    '-title "app-1 asks a question" -message "Which database?" -sound "Bottle" -wait "false" -timeout "3600" ' +
      '-group "ao session app-1" -actions "Yes","No‚ use a copy","Open" -closeLabel "Later" -dropdownLabel "Choose" -json "true"',
  );
  click("actionClicked", 1);
  await waitFor(() => acts.length === 1);
  expect(acts[0]?.endpoint).toBe(answer(2));
  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  click("contentsClicked");
  await waitFor(() => acts.length === 2);
  expect(acts[1]?.endpoint).toBe(OPEN);
  for (const kind of ["closed", "timeout", "unknown"]) click(kind);
  click("actionClicked", 9);
  expect(acts).toHaveLength(2);
});

test("merge asks once more, and what is over is removed", async () => {
  const { notifier, calls, click } = mac();
  const { acts } = listener(notifier, () => done);
  await notifier.notifyWithActions?.(ready(), READY);
  click("actionClicked", undefined, "Merge");
  await waitFor(() => calls.length === 2);
  expect(calls[1]?.options).toMatchObject({ title: "Merge app-3?", actions: ["Merge", "Cancel"] });
  click("actionClicked", 0);
  await waitFor(() => calls.length === 3);
  expect(calls[2]?.options).toMatchObject({ remove: "ao session app-3" });
  expect(acts.map(({ endpoint }) => endpoint)).toEqual([MERGE]);
  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  await notifier.withdraw?.([{ id: "abcdefghijklmnop", sessionId: "app-1", text: "app-1 was answered" }]);
  expect(calls.at(-1)?.options).toMatchObject({ remove: "ao session app-1" });
});

test("news does not take the place of an open question", async () => {
  const { notifier, calls } = mac();
  const news = sampleEvent({ id: "n1", type: "ci.failing", priority: "warning" });
  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  await notifier.notify(news);
  await notifier.notifyWithActions?.(sampleEvent({ id: "b" }), QUESTION);
  expect(calls.map(({ options }) => options.group ?? `remove ${options.remove}`)).toEqual([
    ...["ao session app-1", "ao session app-1 beside", "ao session app-1", "remove ao session app-1 beside"],
  ]);
});

test("without buttons the helper ends at once, and Windows gets the command as text", async () => {
  const { notifier, calls } = mac();
  await notifier.notify(sampleEvent());
  expect(calls[0]?.options).toMatchObject({ timeout: false });
  expect(calls[0]?.options.actions).toBeUndefined();
  const windows = mac({ isMac: false });
  await windows.notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  expect(windows.calls[0]?.options).toEqual({
    ...{ title: "app-1 asks a question", message: "Which database?\nao explain app-1", sound: true, wait: false },
  });
});

test("a helper that fails is reported", async () => {
  const { notifier } = mac({ failure: new Error("not allowed") });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("not allowed"),
  });
});

test("the helpers get no options or lists", () => {
  const notice = { ...wordingOfText("[1]", { sessionId: "-x" }), urgency: "critical" as const };
  expect(asNative(notice, { isMac: false })).toEqual({ title: " -x", message: " [1]", sound: true, wait: false });
});
