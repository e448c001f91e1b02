import { HOSTILE_WORDS, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { answer, done, MERGE, OPEN, QUESTION, READY, ready } from "./testing/asking.ts";
import { listener, missingForReal, notifierWith, privateBus } from "./testing/desktop.ts";
import { DUNST_PROGRAMS, dunstOn } from "./testing/dunst.ts";

const missing = missingForReal(DUNST_PROGRAMS);
const reason = process.env.AO_TEST_TIER === "nightly" ? missing : "runs at night";

test("in the real dunst, a click is Open, a line of its menu answers, and merge asks once more", async ({ skip }) => {
  skip(reason !== null, reason ?? "");
  const address = await privateBus();
  const dunst = await dunstOn(address);
  const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: address }, { stateDir: tempDir("ao-state") });
  const { acts } = listener(notifier, () => done);
  const isShown = (count: number) => waitFor(async () => (await dunst.count()) === count, { what: `${count} shown` });
  expect(await notifier.check?.()).toEqual({ ok: true, text: "desktop notifications through dunst, with buttons" });

  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  await notifier.notifyWithActions?.(sampleEvent({ id: "again" }), QUESTION);
  await isShown(1);
  await dunst.click();
  await waitFor(() => acts.length === 1);
  expect(acts[0]?.endpoint).toBe(OPEN);
  await isShown(0);

  const hostile = { label: `[9,b1] ${HOSTILE_WORDS}`, callbackEndpoint: answer(3) };
  await notifier.notifyWithActions?.(sampleEvent({ message: HOSTILE_WORDS }), [...QUESTION, hostile]);
  await isShown(1);
  expect(await dunst.choose("use a copy")).toHaveLength(5);
  await waitFor(() => acts.length === 2);
  expect(acts[1]?.endpoint).toBe(answer(2));
  await isShown(0);

  await notifier.notifyWithActions?.(sampleEvent(), [...QUESTION, hostile]);
  await isShown(1);
  await dunst.choose("[9,b1]");
  await waitFor(() => acts.length === 3);
  expect(acts[2]?.endpoint).toBe(answer(3));

  for (const choice of ["Cancel", "Merge"]) {
    await notifier.notifyWithActions?.(ready(), READY);
    await dunst.choose("#Merge (app-3");
    const offered = await dunst.choose(`#${choice} (Merge app-3?)`);
    if (choice === "Cancel") expect(offered).toHaveLength(2);
    await isShown(0);
  }
  await waitFor(() => acts.length === 4);
  expect(acts[3]?.endpoint).toBe(MERGE);

  await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
  await isShown(1);
  await notifier.withdraw?.([{ id: "abcdefghijklmnop", sessionId: "app-1", text: "app-1 was answered" }]);
  await isShown(0);
}, 60_000);
