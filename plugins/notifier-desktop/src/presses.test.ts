import { EventEmitter, once } from "node:events";
import type { ActionOutcome } from "@agent-orchestrator/core/slots/notifier";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, test } from "vitest";
import { answer, desktop, done, MERGE, OPEN, READY, ready } from "./testing/asking.ts";
import { listener, missingForReal } from "./testing/desktop.ts";
import { recordingOpen } from "./testing/open.ts";
import { connectionsOf, forger } from "./testing/server.ts";

describe.skipIf(missingForReal() !== null)("on a session bus", () => {
  test("the choices and Open are buttons, a click on the notification is Open, and a press reaches ao", async () => {
    const { server, notifier, ask, last } = await desktop();
    const { acts } = listener(notifier, () => done);
    await ask();
    expect(last().actions).toEqual({ default: "Open", b1: "Yes", b2: "No, use a copy", b3: "Open" });
    server.press(last().id, "b2");
    const act = await waitFor(() => acts[0]);
    expect(act).toEqual({
      ...{ id: expect.stringMatching(/^desktop:[a-z2-7]{16}$/), endpoint: answer(2), sessionId: null, text: null },
      ...{ by: expect.stringMatching(/^desktop( \(.+\))?$/), may: expect.arrayContaining(["answer", "merge", "open"]) },
    });
    await ask();
    server.press(last().id, "default");
    await waitFor(() => acts.length === 2);
    expect(acts[1]?.endpoint).toBe(OPEN);
    expect(acts[1]?.id).not.toBe(act.id);
  });

  test("what was refused is said in its place, and what was done is taken from the screen", async () => {
    const { server, notifier, ask, last } = await desktop({ isResident: true });
    let outcome: ActionOutcome | Error = { isDone: false, text: "app-1 was answered <already> by Ann" };
    listener(notifier, () => {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    await ask();
    server.press(last().id, "b1");
    await waitFor(() => server.shown.length === 2);
    expect(last()).toMatchObject({ body: "app-1 was answered &lt;already&gt; by Ann", actions: {} });
    await waitFor(() => server.open.size === 1 && server.open.has(last().id));
    outcome = new Error("the daemon stops");
    await ask();
    server.press(last().id, "b1");
    await waitFor(() => server.shown.length === 4);
    expect(last().body).toBe("This failed: the daemon stops");
    outcome = done;
    await ask();
    server.press(last().id, "b1");
    await waitFor(() => server.open.size === 0);
  });

  test("of one notification, one button acts once", async () => {
    const { server, notifier, ask, last } = await desktop({ isResident: true });
    const answers = new EventEmitter();
    const { acts } = listener(notifier, async () => (await once(answers, "given"))[0] as ActionOutcome);
    await ask();
    for (const key of ["b2", "b2", "b1", "b2"]) server.press(last().id, key);
    await waitFor(() => acts.length > 0);
    await notifier.check?.();
    expect(acts.map(({ endpoint }) => endpoint)).toEqual([answer(2)]);
    answers.emit("given", done);
    await waitFor(() => server.open.size === 0);
  });

  test("merge asks once more", async () => {
    const { server, notifier, ask, last } = await desktop();
    const { acts } = listener(notifier, () => done);
    await ask(READY, ready());
    server.press(last().id, "b1");
    await waitFor(() => server.shown.length === 2);
    expect(last()).toMatchObject({ title: "Merge app-3?", actions: { yes: "Merge", no: "Cancel" } });
    server.press(last().id, "no");
    await waitFor(() => server.open.size === 0);
    await notifier.check?.();
    expect(acts).toEqual([]);
    await ask(READY, ready());
    server.press(last().id, "b1");
    await waitFor(() => server.shown.length === 4);
    server.press(last().id, "yes");
    await waitFor(() => acts.length === 1);
    expect(acts[0]?.endpoint).toBe(MERGE);
  });

  test("a forged signal of another program does nothing", async () => {
    const { address, server, notifier, ask, last } = await desktop();
    const { acts } = listener(notifier, () => done);
    await ask();
    await ask(READY, ready());
    const forge = await forger(address, await connectionsOf(address));
    for (let id = 0; id < 5; id++) for (const key of ["default", "b1", "b2", "yes"]) forge(id, key);
    // The bus keeps the order, so what comes now comes after all of them.
    await notifier.check?.();
    expect([acts.length, server.shown.length]).toEqual([0, 2]);
    server.press(1, "b1");
    await waitFor(() => acts.length === 1);
    expect(acts[0]?.endpoint).toBe(answer(1));
    for (const [id, key] of [
      [last().id, "b9"],
      [last().id, "__proto__"],
      [77, "b1"],
    ] as const)
      server.press(id, key);
    await notifier.check?.();
    expect(acts).toHaveLength(1);
  });

  test("a page is opened by its address alone, and with the desktop's leave to come to the front", async () => {
    const { env, opened } = recordingOpen();
    const { server, notifier, ask, last } = await desktop({}, env);
    const { acts } = listener(notifier, () => done);
    await ask(
      [...READY, { label: "Bad", url: "file:///etc/passwd" }, { label: "Worse", url: "javascript:alert(1)" }],
      ready(),
    );
    expect(Object.values(last().actions)).toEqual(["Pull request #7", "Merge", "Pull request #7"]);
    server.press(last().id, "default", "token-1");
    await waitFor(() => opened().length > 0);
    expect(opened()).toEqual(["1 https://github.com/acme/app/pull/7 token-1"]);
    expect(acts).toEqual([]);
  });

  test("a page that can't be opened is said", async () => {
    const { server, notifier, ask, last } = await desktop({}, { PATH: "/nowhere" });
    listener(notifier, () => done);
    await ask(READY, ready());
    server.press(last().id, "b2");
    await waitFor(() => server.shown.length === 2);
    expect(last().body).toBe("The page was not opened: xdg-open is not installed");
  });

  test("a press before somebody listens is not lost", async () => {
    const { server, notifier, ask, last } = await desktop();
    await ask();
    server.press(last().id, "b1");
    await waitFor(() => server.open.size === 0);
    await notifier.check?.();
    const { acts } = listener(notifier, () => done);
    await waitFor(() => acts.length === 1);
  });
});
