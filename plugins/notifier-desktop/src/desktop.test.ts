import { HOSTILE_WORDS, notifierContract, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { asNative } from "./native.ts";
import {
  missingForReal,
  notificationServer,
  notifierWith,
  privateBus,
  recordingSend,
  silentSend,
} from "./testing/desktop.ts";

const nobody = () => notifierWith({ SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" });

notifierContract("desktop, with a recording notify-send", {
  reachable: async () => {
    const { env, calls } = recordingSend();
    return {
      notifier: notifierWith(env),
      seen: () => calls().map((words) => ({ title: words[3] ?? "", body: words[4] ?? "" })),
    };
  },
  stalled: () => notifierWith(silentSend()),
  unreachable: nobody,
  skip: process.platform === "linux" ? null : "only Linux has notify-send",
});

notifierContract("desktop, with the real notify-send and a notification server on its own bus", {
  reachable: async () => {
    const address = await privateBus();
    const shown = await notificationServer(address);
    return { notifier: notifierWith({ DBUS_SESSION_BUS_ADDRESS: address }), seen: () => shown };
  },
  unreachable: nobody,
  skip: missingForReal(),
});

test("the title says which session needs what, and the urgency is passed to the desktop", async ({ skip }) => {
  skip(missingForReal() !== null, missingForReal() ?? "");
  const address = await privateBus();
  const shown = await notificationServer(address);
  const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: address });
  await notifier.notify(sampleEvent());
  await notifier.notify(sampleEvent({ type: "merge.ready", priority: "action", message: "PR #3" }));
  await notifier.notify(sampleEvent({ type: "session.spawned", priority: "info", message: "started" }));
  await notifier.post?.("hello", { sessionId: "app-1" });
  expect(shown).toEqual([
    { app: "ao", title: "app-1 asks a question", body: "Which database?", urgency: 2 },
    { app: "ao", title: "app-1 is ready to merge", body: "PR #3", urgency: 1 },
    { app: "ao", title: "app-1 session spawned", body: "started", urgency: 0 },
    { app: "ao", title: "app-1", body: "hello", urgency: 1 },
  ]);
  expect(await notifier.check?.()).toEqual({ ok: true, text: expect.stringContaining("notifications through") });
});

test("reports a bus without a notification service", async ({ skip }) => {
  skip(missingForReal() !== null, missingForReal() ?? "");
  const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: await privateBus() });
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

test("a stranger's text never becomes an option or markup", async () => {
  const { env, calls } = recordingSend();
  const notifier = notifierWith(env);
  await notifier.notify(sampleEvent({ sessionId: "--help", message: HOSTILE_WORDS }));
  const [words] = calls();
  expect(words?.slice(0, 3)).toEqual(["--app-name=ao", "--urgency=critical", "--"]);
  expect(words).toHaveLength(5);
  expect(words?.[4]).toContain("&lt;img src=x&gt; &amp;");
});

test.each([
  ["no session bus", { DISPLAY: ":0", XDG_RUNTIME_DIR: "/nowhere" }, /no desktop available/],
  ["a login over ssh", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/x", SSH_TTY: "/dev/pts/1" }, /remote login/],
  ["no notify-send", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/x", DISPLAY: ":0", PATH: "/nowhere" }, /not installed/],
] as const)("%s: detected before anything is started", async (_name, env, words) => {
  await expect(notifierWith(env).notify(sampleEvent())).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(words),
  });
});

test("the helpers of other systems get no options or lists either", () => {
  expect(asNative({ title: "-x", body: "[1]", urgency: "critical" })).toEqual({
    title: " -x",
    message: " [1]",
    sound: true,
    wait: false,
  });
});

test("an option is a config error", () => {
  expect(() => create({ sound: true })).toThrow(expect.objectContaining({ code: "CONFIG" }));
});
