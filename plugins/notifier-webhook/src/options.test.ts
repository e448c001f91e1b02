import { isAoError } from "@agent-orchestrator/core/model/errors";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { faultyServer } from "@agent-orchestrator/testkit/faulty-server";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { parseOptions } from "./options.ts";
import { testHook, withOptions } from "./testing/hook.ts";

const SECRET = "S3cret-S3cret-S3cret";
const url = `https://hooks.example.com/${SECRET}`;

test.each<[string, Record<string, unknown>, RegExp]>([
  ["no address", {}, /url: is missing/],
  ["an address that is none", { url: SECRET }, /url: must be an http or https address/],
  ["another scheme", { url: `file:///${SECRET}` }, /url: must be an http or https address/],
  ["a user in it", { url: `https://me:${SECRET}@example.com/` }, /url: must not contain a user/],
  ["plain http", { url: `http://hooks.example.com/${SECRET}` }, /url: must be https/],
  [
    "plain http to a name, though private ones are allowed",
    { url: `http://a.example.com/${SECRET}`, allowPrivate: true },
    /url: must be https/,
  ],
  ["plain http to this machine, unless that is allowed", { url: `http://127.0.0.1/${SECRET}` }, /url: must be https/],
  ["a format that is none", { url, format: SECRET }, /format: must be one of json, slack/],
  ["an unknown key", { url, secert: SECRET }, /secert: is unknown, did you mean `secret`/],
  ["a short secret", { url, secret: "S3cret" }, /secret: must have at least 16 characters/],
  [
    "a header that is none",
    { url, headers: { [`X ${"y"}`]: SECRET } },
    /headers\.X y: is not allowed|not the name of a header/,
  ],
  ["a header of ours", { url, headers: { "AO-Signature": SECRET } }, /headers/],
  [
    "a header's value of two lines",
    { url, headers: { "X-A": `${SECRET}\r\nX-B: 1` } },
    /headers\.X-A: must be one line of ASCII/,
  ],
  [
    "a token of two words",
    { url: `${url}/topic`, format: "ntfy", token: `${SECRET} x` },
    /token: must be visible ASCII/,
  ],
  ["Telegram without a token", { format: "telegram", chat: 1 }, /token: the format `telegram` needs one/],
  ["Telegram without a chat", { format: "telegram", token: SECRET }, /chat: the format `telegram` needs it/],
  ["a chat elsewhere", { url, format: "slack", chat: 1 }, /chat: the format `telegram` needs it, and no other/],
  ["a token elsewhere", { url, format: "slack", token: SECRET }, /token: the format `slack` has none/],
  ["Gotify without a token", { url, format: "gotify" }, /token: the format `gotify` needs one/],
  ["ntfy without a topic", { url: "https://ntfy.sh/", format: "ntfy" }, /url: must end with a topic/],
])("%s is a config error that does not repeat the value", (_what, options, words) => {
  const thrown = ((): unknown => {
    try {
      return parseOptions(options);
    } catch (error) {
      return error;
    }
  })();
  expect(isAoError(thrown) && thrown.code).toBe("CONFIG");
  expect(String(thrown)).toMatch(words);
  expect(String(thrown)).not.toContain(SECRET);
});

test("what each service needs is accepted", () => {
  expect(parseOptions({ format: "telegram", token: "1:a", chat: "@mine" }).url).toBe("https://api.telegram.org");
  for (const options of [
    { url, format: "slack" },
    { url: "https://ntfy.sh/mine", format: "ntfy" },
    { url: "http://192.168.1.5:8080", format: "gotify", token: "abc", allowPrivate: true },
  ]) {
    expect(parseOptions(options)).toMatchObject(options);
  }
  expect(() => create({ url })).toThrow("runs only inside ao");
});

/** Answers with everything that it was sent. */
const echo = { code: 400 };

test.each([
  ["an answer that repeats them", "echo"],
  ["an answer that repeats a part of the address", "part"],
  ["a broken connection", "reset"],
  ["a server that is not there", "away"],
])("neither errors nor the log contain the address or a secret: %s", async (_what, fault) => {
  const path = `/${"long-".repeat(60)}${SECRET}`;
  const server = await faultyServer();
  server.on(path, ({ url: asked, headers, body }, response) => {
    if (fault === "reset") response.socket?.resetAndDestroy();
    else if (fault === "part") response.writeHead(echo.code).end(`no ${asked.split(/[/?=]/).slice(1).join(" or ")}`);
    else
      response.writeHead(echo.code).end(`${server.origin}${asked} ${JSON.stringify(headers)} ${body}`.slice(0, 4_000));
  });
  const origin = fault === "away" ? "http://127.0.0.1:2" : server.origin;
  const secret = `${SECRET}-of-the-signature`;
  const headers = { authorization: `Basic ${SECRET}-of-the-header` };
  const options = { url: `${origin}${path}?key=${SECRET}-of-the-query`, allowPrivate: true, secret, headers };
  const { notifier, lines } = withOptions(options);
  const thrown: unknown = await notifier.notify(sampleEvent()).catch((error: unknown) => error);
  expect(isAoError(thrown)).toBe(true);
  const { message, hint, details, cause } = thrown as {
    message: string;
    hint: string;
    details: unknown;
    cause?: unknown;
  };
  const said = JSON.stringify([message, hint, details, cause, lines, await notifier.check?.()]);
  expect(said).not.toContain("S3cret");
  expect(said).not.toContain("long-long");
});

test("a bot's token is in no error", async () => {
  const { server } = await testHook();
  const token = "123456789:AAE-S3cret_S3cret_S3cret_S3cret_Sec";
  const { notifier, lines } = withOptions({
    url: server.origin,
    format: "telegram",
    chat: 1,
    token,
    allowPrivate: true,
  });
  server.on(
    `/bot${token}/sendMessage`,
    ({ url: asked }, response) => void response.writeHead(500).end(`bad: ${asked}`),
  );
  const thrown: unknown = await notifier.notify(sampleEvent()).catch((error: unknown) => error);
  expect(server.seen.length).toBeGreaterThan(1);
  expect(JSON.stringify([String(thrown), lines])).not.toContain("S3cret");
});
