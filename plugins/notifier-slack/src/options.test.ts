import { isAoError } from "@agent-orchestrator/core/model/errors";
import { expect, test } from "vitest";
import { create } from "./index.ts";
import { parseOptions } from "./options.ts";

const SECRET = "S3cret-S3cret-S3cret";
const token = `xoxb-${SECRET}`;
const appToken = `xapp-${SECRET}`;
const channel = "#agents";
const url = `https://hooks.slack.com/services/T1/B1/${SECRET}`;

test.each<[string, Record<string, unknown>, RegExp]>([
  ["nothing", {}, /token: is missing.*channel: is missing/],
  ["no channel", { token }, /channel: is missing/],
  ["a token of a user", { token: `xoxp-${SECRET}`, channel }, /token: must be the token of a bot/],
  ["a token of two lines", { token: `${token}\n${SECRET}`, channel }, /token: must be the token of a bot/],
  ["a channel that is none", { token, channel: "<!channel>" }, /channel: must be a channel's name/],
  [
    "an app-level token that is none",
    { token, channel, appToken: token, users: ["U01ANN"] },
    /appToken: must be an app/,
  ],
  ["nobody who may act", { token, channel, appToken }, /users: is missing/],
  ["an empty list of people", { token, channel, appToken, users: [] }, /users/],
  ["people without a socket", { token, channel, users: ["U01ANN"] }, /appToken: is missing/],
  ["a person by name", { token, channel, appToken, users: ["ann"] }, /users/],
  ["a right that nobody has in Slack", { token, channel, appToken, users: { U01ANN: ["open"] } }, /users/],
  ["an incoming webhook with a channel", { url, channel }, /channel: an incoming webhook/],
  ["an incoming webhook with a token", { url, token }, /token: an incoming webhook/],
  ["a webhook in plain http", { url: `http://hooks.slack.com/${SECRET}` }, /url: must be an https address/],
  ["an API in plain http", { token, channel, apiUrl: `http://${SECRET}.example.com/api/` }, /apiUrl: must be an https/],
  ["an API with a user", { token, channel, apiUrl: `https://me:${SECRET}@slack.com/` }, /apiUrl: must be an https/],
  ["an unknown key", { token, channel, chanel: SECRET }, /chanel: is unknown, did you mean `channel`/],
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

test("whoever is only named may do everything but merge", () => {
  const named = parseOptions({ token, channel, appToken, users: ["U01ANN"] });
  expect(named.kind === "bot" && named.users.get("U01ANN")).toEqual(["answer", "approve", "restore", "send"]);
  const mapped = parseOptions({ token, channel, appToken, users: { U01ANN: ["merge"], U02BOB: [] } });
  expect(mapped.kind === "bot" && [...mapped.users]).toEqual([
    ["U01ANN", ["merge"]],
    ["U02BOB", []],
  ]);
});

test("a channel is a name with or without its mark, or an id", () => {
  for (const [given, kept] of [
    ["#agents", "agents"],
    ["agents-2_x", "agents-2_x"],
    ["C012AB3CD", "C012AB3CD"],
    ["équipe", "équipe"],
  ]) {
    expect(parseOptions({ token, channel: given })).toMatchObject({ channel: kept, apiUrl: "https://slack.com/api/" });
  }
  expect(() => create({ token, channel })).toThrow("runs only inside ao");
});
