import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { describe, expect, test } from "vitest";
import { answer, desktop, done, QUESTION, READY, ready } from "./testing/asking.ts";
import { listener, missingForReal, notifierWith, privateBus } from "./testing/desktop.ts";
import { notificationServer } from "./testing/server.ts";

describe.skipIf(missingForReal() !== null)("on a session bus", () => {
  test("a session has one notification, and so have several at once", async () => {
    const { server, ask } = await desktop();
    await ask();
    await ask(QUESTION, sampleEvent({ id: "b", message: "And now?" }));
    await ask(READY, ready());
    const notices = [{ id: "x" }, { id: "y" }];
    const several = (id: string) => sampleEvent({ id, sessionId: null, data: { notices } });
    await ask([], several("s1"));
    await ask([], several("s2"));
    expect(server.shown.map(({ id, replaces }) => [id, replaces])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [3, 0],
      [3, 3],
    ]);
    expect(server.open.size).toBe(3);
  });

  test("news of a session is shown beside its open question, and goes with what comes after it", async () => {
    const { server, notifier, start, ask } = await desktop();
    const news = (id: string) => sampleEvent({ id, type: "ci.failing", priority: "warning", message: id });
    await ask();
    await notifier.notify(news("n1"));
    await start().notify(news("n2"));
    await ask(READY, sampleEvent({ id: "less", type: "merge.ready", priority: "action" }));
    expect(server.shown.map(({ id, replaces }) => [id, replaces])).toEqual([
      [1, 0],
      [2, 0],
      [2, 2],
      [2, 2],
    ]);
    expect(server.open).toEqual(new Set([1, 2]));
    await ask(QUESTION, sampleEvent({ id: "b", message: "And now?" }));
    expect([server.shown.at(-1)?.replaces, server.open]).toEqual([1, new Set([1])]);
    await notifier.withdraw?.([{ id: "b", sessionId: "app-1", text: "app-1 was answered" }]);
    await notifier.notify(news("n3"));
    await ask();
    expect([server.shown.at(-1)?.replaces, server.open.size]).toEqual([3, 1]);
  });

  test("what was taken up elsewhere is withdrawn, and nothing else", async () => {
    const { server, notifier, start, ask } = await desktop();
    const withdraw = (...ids: string[]) =>
      notifier.withdraw?.(ids.map((id) => ({ id, sessionId: null, text: "over" })));
    await ask();
    await ask(READY, ready());
    await ask([], sampleEvent({ id: "all", sessionId: null, data: { notices: [{ id: "x" }, { id: "y" }] } }));
    await withdraw("unknown", "x");
    expect(server.open).toEqual(new Set([1, 2, 3]));
    await withdraw("abcdefghijklmnop");
    expect(server.open).toEqual(new Set([2, 3]));
    await start().withdraw?.(["y", "all"].map((id) => ({ id, sessionId: null, text: "over" })));
    expect(server.open).toEqual(new Set([2]));
    server.dismiss(2);
    await withdraw("ready");
    // A later notification of the same session is another one.
    await ask(READY, sampleEvent({ id: "later", sessionId: "app-3" }));
    await withdraw("ready");
    expect(server.open.size).toBe(1);
  });

  test("after a restart, the same notification is replaced, and its buttons still act", async () => {
    const { server, notifier, start, ask } = await desktop();
    await ask();
    const first = listener(notifier, () => done);
    first.stop();
    await first.ended;
    const again = start();
    const { acts } = listener(again, () => done);
    await again.check?.();
    server.press(1, "b2");
    await waitFor(() => acts.length === 1);
    expect(acts[0]?.endpoint).toBe(answer(2));
    await again.notifyWithActions?.(sampleEvent({ id: "b" }), QUESTION);
    const third = start();
    await third.notifyWithActions?.(sampleEvent({ id: "c" }), QUESTION);
    expect(server.shown.at(-1)).toMatchObject({ id: 2, replaces: 2 });
  });

  test("an id of an earlier server is never used with another one", async () => {
    const { address, server, notifier, start, ask } = await desktop();
    const { acts } = listener(notifier, () => done);
    await ask();
    await server.stop();
    expect(await notifier.check?.()).toMatchObject({ ok: false });
    const next = await notificationServer(address);
    await start().notify(sampleEvent({ id: "other", sessionId: "app-9" }));
    next.press(1, "b1");
    await ask();
    expect(next.shown.map(({ replaces }) => replaces)).toEqual([0, 0]);
    expect(acts).toEqual([]);
  });

  test("after the desktop has started again, the next notification is shown on its new bus", async () => {
    let address = await privateBus();
    const old = await notificationServer(address);
    const env = () => ({ DBUS_SESSION_BUS_ADDRESS: address, PATH: "/usr/bin" });
    const notifier = notifierWith({}, { env });
    const { acts } = listener(notifier, () => done);
    await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
    address = await privateBus();
    const server = await notificationServer(address);
    await notifier.notifyWithActions?.(sampleEvent(), QUESTION);
    expect([old.shown.length, server.shown.map(({ replaces }) => replaces)]).toEqual([1, [0]]);
    server.press(1, "b1");
    await waitFor(() => acts.length === 1);
  });

  test("event → D-Bus call, p95", async () => {
    const { server, ask } = await desktop();
    const durations: number[] = [];
    for (let count = 0; count < 200; count++) {
      const began = performance.now();
      await ask(QUESTION, sampleEvent({ id: `n${count}`, sessionId: `app-${count % 20}` }));
      durations.push((server.shown.at(-1)?.atMs ?? Number.NaN) - began);
    }
    const p95 = durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)] ?? Number.NaN;
    console.log(JSON.stringify({ figure: "event → D-Bus call, p95", ms: Number(p95.toFixed(1)), goal: 250 }));
    expect(p95).toBeLessThan(250);
  });
});
