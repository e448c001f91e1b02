import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigInput } from "@agent-orchestrator/core/model/config";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { EMBEDDED_DEFAULTS } from "../builtin.ts";
import { configSchemaText, withKeyTables } from "./reference.ts";
import { policyFor } from "./resolve.ts";
import { trustedSandbox } from "./testing/config-sandbox.ts";

const root = join(import.meta.dirname, "../../../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

it("schema/config.schema.json and the tables of docs/config.md are what `npm run docs` generates", () => {
  expect(configSchemaText()).toBe(read("schema/config.schema.json"));
  expect(withKeyTables(read("docs/config.md"))).toBe(read("docs/config.md"));
});

it("every key of the schema has a description", () => {
  const rows = read("docs/config.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((row) => row.endsWith("|  |") && row.split("|").length === 7)).toEqual([]);
});

it("the documented defaults are the real ones", () => {
  const schema = JSON.parse(configSchemaText());
  const of = (path: string) => path.split(".").reduce((at, key) => at.properties[key], schema).default;
  const config = trustedSandbox("projects: { shop: {} }").load();
  const policy = policyFor(config, "shop");
  const documented = ConfigInput.parse({
    cleanup: Object.fromEntries(
      ["merged", "done", "closed", "killed", "errored", "preserve"].map((key) => [key, of(`cleanup.${key}`)]),
    ),
    readyThresholdMs: of("readyThresholdMs"),
    ci: { noneAfter: of("ci.noneAfter"), rerun: of("ci.rerun"), flaky: of("ci.flaky") },
  });
  expect({ ...policy.cleanupMs, preserve: config.preserveMs }).toEqual(documented.cleanup);
  expect(policy.readyThresholdMs).toBe(documented.readyThresholdMs);
  expect({ noneAfter: policy.ciNoneAfterMs, rerun: policy.ciRerun, flaky: policy.ciFlaky }).toEqual(documented.ci);
  expect([config.port, config.limits.maxConcurrentSessions]).toEqual([of("port"), of("limits.maxConcurrentSessions")]);
  expect([config.trustedAuthors, config.trustedBots]).toEqual([of("trust.authors"), of("trust.bots")]);
});

it("the example at the top of the repository is a config without problems or warnings, with the real defaults", () => {
  const text = read("agent-orchestrator.yaml.example");
  const sandbox = trustedSandbox(text);
  const config = sandbox.load();
  expect(config.warnings).toEqual([]);
  expect([...config.brokenProjects.values()].map((error) => error.message)).toEqual([]);
  expect(parse(text).defaults).toMatchObject({
    runtime: EMBEDDED_DEFAULTS.runtime,
    workspace: EMBEDDED_DEFAULTS.workspace,
  });
});
