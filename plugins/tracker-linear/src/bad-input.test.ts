import { ERROR_CODES, isAoError } from "@agent-orchestrator/core/model/errors";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { expect, it } from "vitest";
import { parseOptions } from "./options.ts";
import { world } from "./testing/world.ts";

const told = (error: unknown): string =>
  isAoError(error) ? `${ERROR_CODES[error.code].exit} ${error.message} | ${error.hint ?? ""}` : String(error);
const project = projectConfig();

it.each([
  [{}, /^78 tracker `linear` needs `team`.*See docs/],
  [{ team: "INT", teamId: "x" }, /^78 .*mean the same/],
  [{ team: "INT", apiKey: "lin_api_1", accessToken: "x" }, /^78 .*set one of them/],
  [{ team: "INT", states: { begun: "Doing" } }, /^78 tracker\.states/],
  [{ team: "INT", apiUrl: "ftp://linear.test" }, /^78 tracker\.apiUrl: must be an http or https address/],
  [{ team: "INT", apiKey: "two words" }, /^78 tracker\.apiKey: must be one word/],
])("refuses the options %j", (options, expected) => {
  let error: unknown;
  try {
    parseOptions(options);
  } catch (thrown) {
    error = thrown;
  }
  expect(told(error)).toMatch(expected);
  expect(told(error)).not.toContain("two words");
});

type Tracker = Awaited<ReturnType<typeof world>>["tracker"];
const get = (id: string) => (tracker: Tracker) => tracker.getIssue(id, project);
const list = async (tracker: Tracker) => tracker.listIssues?.({}, project);
const close = async (tracker: Tracker) => tracker.updateIssue?.("INT-1", { state: "closed" }, project);

it.each([
  [
    "no key",
    { apiKey: undefined },
    get("INT-1"),
    /^69 could not read issue INT-1: there is no key.*export `LINEAR_API_KEY`/,
  ],
  [
    "a wrong key",
    { apiKey: "lin_api_wrong" },
    get("INT-1"),
    /^69 .*wrong, revoked or expired.*settings\/account\/security/,
  ],
  ["an app's token as a key", "oauth-as-key", get("INT-1"), /^69 .*wrong, revoked or expired/],
  [
    "a scope too few",
    "read-only",
    close,
    /^69 could not update issue INT-1: .*`write` required \| Give the app the scope `write`/,
  ],
  ["no such issue", {}, get("INT-9"), /^66 there is no issue INT-9 in Linear, or the key may not see it \| Check/],
  ["no such team", { team: "IMT" }, list, /^66 Linear has no team IMT.*did you mean INT\? \| It sees INT, OPS/],
  [
    "no such user",
    {},
    async (tracker: Tracker) => tracker.listIssues?.({ assignee: "zoe" }, project),
    /^66 Linear has no user zoe/,
  ],
  ["nothing there", "nobody", get("INT-1"), /^69 could not read issue INT-1: .*nothing answers/],
] as const)("says of %s what it is, and what to do", async (...[, given, ask, expected]) => {
  const { workspace, team, wes, open } = await world();
  workspace.addTeam("OPS");
  workspace.addIssue(team, { title: "One" });
  const special: Record<string, object> = {
    "read-only": { apiKey: undefined, accessToken: workspace.giveAccess(wes, { kind: "oauth", scopes: ["read"] }) },
    "oauth-as-key": { apiKey: workspace.giveAccess(wes, { kind: "oauth" }) },
    nobody: { apiUrl: `http://127.0.0.1:${await freePort()}/graphql` },
  };
  const options = typeof given === "string" ? special[given] : given;
  const error = await ask(open({ ...options })).then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  expect(told(error)).toMatch(expected);
});

it.each([
  ["unavailable", /Linear answered 503/],
  ["web-page", /answered with a web page \| Check `apiUrl`/],
  ["cut", /could not read issue INT-1: POST .*(?:broke|long)/],
  ["error", /Linear answered 500: Internal server error/],
] as const)("cannot tell, for an answer of the kind %s, and asks again before it says so", async (kind, expected) => {
  const { linear, workspace, team, tracker } = await world();
  workspace.addIssue(team, { title: "One" });
  linear.fault({ kind });
  const error = await tracker.getIssue("INT-1", project).catch((thrown: unknown) => thrown);
  expect(told(error)).toMatch(/^69 /);
  expect(told(error)).toMatch(expected);
  linear.clearFaults();
  linear.fault({ kind: "unavailable", times: 1 });
  expect((await tracker.getIssue("INT-1", project)).id).toBe("INT-1");
});

it("takes the key or the token of the environment, and repeats neither in an error, a log line or details", async () => {
  const lines: string[] = [];
  const log = { debug: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) };
  const { linear, workspace, team, wes, open } = await world();
  workspace.addIssue(team, { title: "One" });
  const key = workspace.giveAccess(wes);
  const token = workspace.giveAccess(wes, { kind: "oauth" });
  for (const tokens of [{ LINEAR_API_KEY: key }, { LINEAR_ACCESS_TOKEN: token }] as Record<string, string>[]) {
    const tracker = open({ apiKey: undefined }, { tokens: () => tokens, log });
    expect((await tracker.getIssue("INT-1", project)).id).toBe("INT-1");
    for (const kind of ["unavailable", "web-page", "cut", "error", "rate-limited"] as const) {
      linear.clearFaults();
      linear.fault({ kind });
      const error = await tracker.getIssue("INT-1", project).catch((thrown: unknown) => thrown);
      lines.push(told(error), JSON.stringify(error), String((error as Error).stack), String((error as Error).cause));
    }
    linear.clearFaults();
  }
  expect(lines.length).toBeGreaterThan(30);
  for (const secret of [key, token]) expect(lines.join("\n")).not.toContain(secret);
});
