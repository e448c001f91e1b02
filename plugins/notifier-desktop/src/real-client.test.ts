import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { missingForReal, privateBus, searchPath } from "./testing/desktop.ts";
import { notificationServer } from "./testing/server.ts";

const missing = missingForReal(["dbus-daemon", "notify-send"]);

/** What the other tests believe of a notification server is what the real notify-send does. */
test("the notification server of these tests serves the real notify-send", async ({ skip }) => {
  skip(missing !== null, missing ?? "");
  const address = await privateBus();
  const server = await notificationServer(address);
  const env = { PATH: searchPath(), HOME: "/nowhere", DBUS_SESSION_BUS_ADDRESS: address };
  const send = async (...words: string[]) =>
    (await exec("notify-send", words, { env, timeoutMs: 20_000 })).stdout.trim();
  const { stdout: version } = await exec("notify-send", ["--version"], { env });
  skip(/ 0\.[0-7]\./.test(version), "notify-send is older than 0.8");
  expect(await send("-a", "ao", "-u", "low", "-c", "im", "--print-id", "one", "body")).toBe("1");
  expect(await send("-a", "ao", "--replace-id=1", "--print-id", "two")).toBe("1");
  const pressed = send("-a", "ao", "-A", "yes=Yes", "-A", "no=No, use a copy", "three");
  await waitFor(() => server.shown.length === 3);
  expect(server.shown).toMatchObject([
    { id: 1, app: "ao", title: "one", body: "body", urgency: 0, category: "im" },
    { id: 1, replaces: 1, title: "two" },
    { id: 2, actions: { yes: "Yes", no: "No, use a copy" } },
  ]);
  server.press(2, "no");
  expect(await pressed).toBe("no");
});
