import { isAoError } from "@agent-orchestrator/core/model/errors";
import { describe, expect, it } from "vitest";
import { fill, maskSecrets, resolveSecrets, secretValues, timingOf, variablesIn } from "./interpolate.ts";

const ENV = { TOKEN: "s3cret-value", EMPTY: "", NAME: "ao" };

it.each([
  ["plain", "plain", []],
  ["${NAME}", "ao", []],
  ["x-${NAME}-${NAME}", "x-ao-ao", []],
  ["${NOPE}", "${NOPE}", ["NOPE"]],
  ["${NOPE:-}", "", []],
  ["${NOPE:-a b:c}", "a b:c", []],
  ["${EMPTY}", "", []],
  ["${EMPTY:-fallback}", "fallback", []],
  ["$${NAME}", "${NAME}", []],
  ["$NAME ${1} ${a-b} ${}", "$NAME ${1} ${a-b} ${}", []],
  ["${AO_PROMPT_FILE} ${AO_PORT_3}", "${AO_PROMPT_FILE} ${AO_PORT_3}", []],
  ["${toString} ${__proto__}", "${toString} ${__proto__}", ["toString", "__proto__"]],
])("%s becomes %s", (text, expected, missing) => {
  expect(fill(text, ENV)).toMatchObject({ text: expected, missing });
});

it("a value from the environment is never searched for variables", () => {
  expect(fill("${A}", { A: "${TOKEN}", TOKEN: "x" }).text).toBe("${TOKEN}");
});

describe("the options of a plugin", () => {
  const options = { token: "${TOKEN}", nested: { list: ["a", "${NAME}"] }, retries: 3, isOn: true };

  it("are filled in when they are used, at every depth, and only in texts", () => {
    expect(resolveSecrets(options, { env: ENV, where: "notifiers.slack" })).toEqual({
      token: "s3cret-value",
      nested: { list: ["a", "ao"] },
      retries: 3,
      isOn: true,
    });
  });

  it("are an error that names the variable and the place if one is missing", () => {
    const run = () => resolveSecrets(options, { env: { NAME: "ao" }, where: "notifiers.slack" });
    expect(run).toThrow("notifiers.slack.token: the environment variable TOKEN is not set");
    try {
      run();
    } catch (error) {
      expect(isAoError(error) && error.code).toBe("CONFIG");
    }
  });

  it("say which values are secret, for masking, and are printed without them", () => {
    const written = {
      apiKey: "written-out-key",
      headers: { Authorization: "Bearer ${TOKEN}" },
      channel: "#agents",
      pin: "1",
    };
    expect(secretValues(written, ENV).sort()).toEqual(["Bearer s3cret-value", "s3cret-value", "written-out-key"]);
    const home = { path: "${HOME}/notices", to: "${TEAM}", args: ["--key", "${MY_KEY}"], url: "${HOOK}" };
    const env = { HOME: "/home/me", TEAM: "platform", MY_KEY: "k-123456", HOOK: "https://h/123" };
    expect(secretValues(home, env)).toEqual(["k-123456"]);
    expect(secretValues(home, env, ["url"]).sort()).toEqual(["https://h/123", "k-123456"]);
    expect(maskSecrets(written)).toEqual({
      apiKey: "…",
      headers: { Authorization: "Bearer ${TOKEN}" },
      channel: "#agents",
      pin: "1",
    });
    expect(maskSecrets({ url: "https://h/123", on: { url: "${HOOK}" }, channel: "#a" }, ["url", "on"])).toEqual({
      url: "…",
      on: { url: "${HOOK}" },
      channel: "#a",
    });
  });

  it("list the variables that they use", () => {
    expect(variablesIn({ a: "${B} ${A:-x}", c: ["${AO_PORT}", "$${D}"] })).toEqual(["A", "B"]);
  });
});

it.each([
  ["projects.a.postCreate.0", "verbatim"],
  ["projects.a.scm.ci.0.run", "verbatim"],
  ["projects.a.agentRules", "verbatim"],
  ["reactions.ci-failed.message", "verbatim"],
  ["projects.a.tracker.apiKey", "late"],
  ["projects.a.agentConfig.args.0", "late"],
  ["notifiers.slack.token", "late"],
  ["plugins.0.path", "late"],
  ["projects.a.tracker.plugin", "early"],
  ["projects.a.path", "early"],
  ["port", "early"],
])("variables in %s are filled in %s", (path, timing) => {
  expect(timingOf(path.split("."))).toBe(timing);
});
