#!/usr/bin/env node
// Cuts GitHub's official OpenAPI description (npm @octokit/openapi, 385 MB unpacked) down to what the testkit's GitHub answers:
// `node scripts/github-openapi.mjs` downloads the pinned version and writes the cut. The same version gives the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./lib.mjs";

const PACKAGE = "@octokit/openapi@23.0.2";
const INTEGRITY = "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==";
const MEMBER = "package/generated/api.github.com.json";
const TARGET = join(root, "packages/testkit/src/github/fixtures/openapi.json");

const R = String.raw`/repos/\{owner\}/\{repo\}`;
/** Paths that are kept, with all their methods. */
const PATHS = [
  "/",
  "/app",
  "/app/installations",
  String.raw`/app/installations/\{installation_id\}(/access_tokens)?`,
  "/installation/repositories",
  String.raw`/repos/\{owner\}/\{repo\}/installation`,
  "/rate_limit",
  "/user",
  "/user/repos",
  String.raw`/users/\{username\}`,
  String.raw`/orgs/\{org\}`,
  "/search/issues",
  R,
  String.raw`${R}/actions/jobs/\{job_id\}(/rerun|/logs)?`,
  String.raw`${R}/actions/runs(/\{run_id\}(/approve|/cancel|/jobs|/logs|/rerun|/rerun-failed-jobs|/attempts/\{attempt_number\}(/jobs)?)?)?`,
  String.raw`${R}/actions/workflows(/\{workflow_id\}(/runs)?)?`,
  String.raw`${R}/assignees(/\{assignee\})?`,
  String.raw`${R}/branches(/\{branch\}(/protection(/required_status_checks|/required_pull_request_reviews)?)?)?`,
  String.raw`${R}/check-runs(/\{check_run_id\}(/annotations|/rerequest)?)?`,
  String.raw`${R}/check-suites/\{check_suite_id\}(/check-runs|/rerequest)?`,
  String.raw`${R}/collaborators(/\{username\}(/permission)?)?`,
  String.raw`${R}/commits(/\{commit_sha\}/pulls|/\{ref\}(/check-runs|/check-suites|/status|/statuses)?)?`,
  String.raw`${R}/compare/\{basehead\}`,
  String.raw`${R}/contents/\{path\}`,
  `${R}/forks`,
  String.raw`${R}/git/(ref/\{ref\}|refs|refs/\{ref\}|matching-refs/\{ref\}|blobs|blobs/\{file_sha\}|trees|trees/\{tree_sha\}|commits|commits/\{commit_sha\})`,
  String.raw`${R}/hooks(/\{hook_id\}(/pings|/deliveries(/\{delivery_id\}(/attempts)?)?)?)?`,
  String.raw`${R}/issues(/comments(/\{comment_id\})?)?`,
  String.raw`${R}/issues/\{issue_number\}(/assignees|/comments|/labels(/\{name\})?|/timeline|/events|/parent|/sub_issues?|/dependencies/block(ing|ed_by)(/\{issue_id\})?)?`,
  String.raw`${R}/labels(/\{name\})?`,
  `${R}/(merges|milestones)`,
  String.raw`${R}/milestones/\{milestone_number\}`,
  String.raw`${R}/pulls(/comments(/\{comment_id\})?)?`,
  String.raw`${R}/pulls/\{pull_number\}(/(comments(/\{comment_id\}/replies)?|commits|files|merge|requested_reviewers|update-branch))?`,
  String.raw`${R}/pulls/\{pull_number\}/reviews(/\{review_id\}(/comments|/dismissals|/events)?)?`,
  String.raw`${R}/rules/branches/\{branch\}`,
  String.raw`${R}/rulesets(/\{ruleset_id\})?`,
  String.raw`${R}/statuses/\{sha\}`,
].map((pattern) => new RegExp(`^${pattern}$`));

/** Webhook events that are kept. */
const EVENTS =
  /^(ping|push|create|delete|status|check-run|check-suite|issues|issue-comment|pull-request|pull-request-review|pull-request-review-comment|pull-request-review-thread|workflow-run|workflow-job|merge-group)(-(?!(secret|alert|protection)).*)?$/;

const PROSE = new Set(["description", "example", "examples", "title", "externalDocs", "deprecated", "default"]);

/** A schema as JSON Schema: without prose, with `nullable` as the type `null`. Names of properties are left alone. */
function cutSchema(schema) {
  if (Array.isArray(schema)) return schema.map(cutSchema);
  if (schema === null || typeof schema !== "object") return schema;
  const cut = {};
  for (const [key, value] of Object.entries(schema)) {
    if (PROSE.has(key) || key.startsWith("x-") || key === "nullable" || key === "discriminator") continue;
    if (key === "readOnly" || key === "writeOnly") continue;
    if (key === "properties")
      cut[key] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cutSchema(inner)]));
    else cut[key] = key === "enum" || key === "required" ? value : cutSchema(value);
  }
  if (schema.nullable !== true) return cut;
  return { anyOf: [{ type: "null" }, cut] };
}

function refsOf(schema, found = new Set()) {
  if (schema === null || typeof schema !== "object") return found;
  if (typeof schema.$ref === "string") found.add(schema.$ref);
  for (const inner of Object.values(schema)) refsOf(inner, found);
  return found;
}

function cutOperation(description, operation) {
  const responses = {};
  for (const [status, given] of Object.entries(operation.responses)) {
    const response = given.$ref === undefined ? given : description.components.responses[given.$ref.split("/").pop()];
    const json = response.content?.["application/json"] ?? response.content?.["application/scim+json"];
    responses[status] = json?.schema === undefined ? null : cutSchema(json.schema);
  }
  return responses;
}

function cut(description) {
  const operations = {};
  for (const [path, item] of Object.entries(description.paths)) {
    if (!PATHS.some((pattern) => pattern.test(path))) continue;
    for (const method of ["get", "post", "put", "patch", "delete"])
      if (item[method] !== undefined)
        operations[`${method.toUpperCase()} ${path}`] = cutOperation(description, item[method]);
  }
  const webhooks = {};
  for (const [name, item] of Object.entries(description["x-webhooks"])) {
    const schema = item.post.requestBody?.content?.["application/json"]?.schema;
    if (EVENTS.test(name) && schema !== undefined) webhooks[name] = cutSchema(schema);
  }
  const schemas = {};
  const open = [...refsOf(operations), ...refsOf(webhooks)];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    const name = ref.split("/").pop();
    if (schemas[name] !== undefined) continue;
    schemas[name] = cutSchema(description.components.schemas[name]);
    open.push(...refsOf(schemas[name]));
  }
  return { operations, webhooks, schemas };
}

/** One line for each operation and schema, in order, so that a newer version shows as a readable change. */
function lines(record) {
  const sorted = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{\n${sorted.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",\n")}\n}`;
}

const folder = mkdtempSync(join(tmpdir(), "ao-openapi-"));
try {
  const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  const tarball = run("npm", "pack", "--silent", PACKAGE).trim();
  const digest = createHash("sha512")
    .update(readFileSync(join(folder, tarball)))
    .digest("base64");
  if (`sha512-${digest}` !== INTEGRITY) throw new Error(`${PACKAGE} has an unexpected checksum: sha512-${digest}`);
  run("tar", "-xzf", tarball, MEMBER);
  const description = JSON.parse(readFileSync(join(folder, MEMBER), "utf8"));
  const { operations, webhooks, schemas } = cut(description);
  writeFileSync(
    TARGET,
    `{"from":${JSON.stringify(`${PACKAGE} ${MEMBER}`)},\n"operations":${lines(operations)},\n"webhooks":${lines(webhooks)},\n"schemas":${lines(schemas)}}\n`,
  );
  console.log(
    `${TARGET}: ${Object.keys(operations).length} operations, ${Object.keys(webhooks).length} webhooks, ${Object.keys(schemas).length} schemas`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
