import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { HOSTILE_WORDS, notifierContract, sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, expect, test } from "vitest";
import { create } from "./index.ts";
import { FOREIGN_BUS, missingForReal, notifierWith, privateBus, recordingSend, silentSend } from "./testing/desktop.ts";
import { notificationServer } from "./testing/server.ts";

const nobody = () => notifierWith({ SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" });

/** A bus that accepts connections, and says nothing. */
let silent: Server;
let silentDir = "";
const sockets = new Set<Socket>();
beforeAll(async () => {
  silentDir = makeTempDir("ao-silent");
  silent = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => silent.listen(join(silentDir, "bus"), resolve));
});
afterAll(() => {
  silent.close();
  for (const socket of sockets) socket.destroy();
  removeDir(silentDir);
});

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

notifierContract("desktop, with a notification server on its own bus", {
  reachable: async () => {
    const address = await privateBus();
    const { shown } = await notificationServer(address);
    return { notifier: notifierWith({ DBUS_SESSION_BUS_ADDRESS: address }), seen: () => shown };
  },
  stalled: () => notifierWith({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${silentDir}/bus` }),
  unreachable: nobody,
  skip: missingForReal(),
});

const desktop = async (options: Parameters<typeof notificationServer>[1] = {}) => {
  const address = await privateBus();
  const server = await notificationServer(address, options);
  return { address, server, notifier: notifierWith({ DBUS_SESSION_BUS_ADDRESS: address }) };
};

test.skipIf(missingForReal() !== null)("the title says which session needs what, and how urgent that is", async () => {
  const { server, notifier } = await desktop();
  await notifier.notify(sampleEvent());
  await notifier.notify(sampleEvent({ type: "merge.ready", priority: "action", message: "PR #3" }));
  await notifier.notify(sampleEvent({ type: "session.spawned", priority: "info", message: "started" }));
  await notifier.post?.("hello", { sessionId: "app-1" });
  const own = { app: "ao", entry: "ao" };
  const needs = { ...own, category: "x-ao.needs-you" };
  const news = { ...own, category: "x-ao.news" };
  expect(server.shown).toMatchObject([
    { ...needs, title: "app-1 asks a question", body: "Which database?", urgency: 2 },
    { ...needs, title: "app-1 is ready to merge", body: "PR #3", urgency: 1 },
    { ...news, title: "app-1 session spawned", body: "started", urgency: 0 },
    { ...news, title: "app-1", body: "hello", urgency: 1 },
  ]);
  expect(await notifier.check?.()).toEqual({
    ok: true,
    text: "desktop notifications through test server, with buttons",
  });
});

test.skipIf(missingForReal() !== null)("a bus without a notification service is reported", async () => {
  const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: await privateBus() });
  const refused = { code: "UNAVAILABLE", hint: expect.stringContaining("notification service") };
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject(refused);
  expect(await notifier.check?.()).toMatchObject({ ok: false });
});

test("a bus that says nothing is given up before core does", async () => {
  const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${silentDir}/bus` });
  const began = performance.now();
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect(performance.now() - began).toBeLessThan(9_000);
});

test("a stranger's text never becomes an option or markup of notify-send", async () => {
  const { env, calls } = recordingSend();
  const notifier = notifierWith(env);
  await notifier.notify(sampleEvent({ sessionId: "--help", message: HOSTILE_WORDS }));
  const [words] = calls();
  expect(words?.slice(0, 3)).toEqual(["--app-name=ao", "--urgency=critical", "--"]);
  expect(words).toHaveLength(5);
  expect(words?.[4]).toContain("&lt;img src=x&gt; &amp;");
});

test.skipIf(missingForReal() !== null)("markup is escaped where the server reads it, and only there", async () => {
  const message = "<b>bold</b> & <a href='https://evil.example'>bank</a>";
  const event = sampleEvent({ message });
  const marked = await desktop({ can: ["body", "body-markup"] });
  await marked.notifier.notify(event);
  expect(marked.server.shown[0]?.body).toBe(
    "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;a href='https://evil.example'&gt;bank&lt;/a&gt;",
  );
  const plain = await desktop({ can: ["body"] });
  await plain.notifier.notify(event);
  expect(plain.server.shown[0]?.body).toBe(message);
  const bare = await desktop({ can: [] });
  await bare.notifier.notify(event);
  expect(bare.server.shown[0]).toMatchObject({ title: `app-1 asks a question: ${message}`, body: "" });
});

test.each([
  ["no session bus", { DISPLAY: ":0", XDG_RUNTIME_DIR: "/nowhere" }, /no desktop available/],
  ["a login over ssh", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/x", SSH_TTY: "/dev/pts/1" }, /remote login/],
  ["a bus that is gone", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere/x" }, /did not take the notification/],
  ["no notify-send", { DBUS_SESSION_BUS_ADDRESS: FOREIGN_BUS, DISPLAY: ":0", PATH: "/nowhere" }, /not installed/],
] as const)("%s: reported at once", async (_name, env, words) => {
  const notifier = notifierWith(env);
  await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(words),
    hint: expect.any(String),
  });
  await notifier
    .withdraw?.([{ id: "abcdefghijklmnop", sessionId: "app-1", text: "app-1 was answered" }])
    .catch(() => undefined);
  expect((await notifier.check?.())?.ok).toBe(false);
});

test.each([{ sound: true }, { buttons: "yes" }])("%j is a config error", (options) => {
  expect(() => create(options)).toThrow(expect.objectContaining({ code: "CONFIG" }));
});
