import { expect, test } from "vitest";
import { withoutCredentials } from "./credentials.ts";

const body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
const lines = `${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(2)}\n${"+/Ab".repeat(16)}\nAbC=`;

test.each([
  ["a classic token of GitHub", `token ghp_${body}`, "token ***"],
  ["an OAuth token of GitHub", `gho_${body}`, "***"],
  ["an app's token of GitHub", `x=ghs_${body}.`, "x=***"],
  ["a user's token of a GitHub app", `(ghu_${body})`, "(***)"],
  ["a refresh token of GitHub", `"ghr_${body}"`, '"***"'],
  ["a fine-grained token of GitHub", `github_pat_11ABCDEFG0${body}_${body}`, "***"],
  ["a key of AWS", "id AKIAIOSFODNN7EXAMPLE", "id ***"],
  ["a bot's token of Slack", "xoxb-123456789012-abcdefABCDEF", "***"],
  ["a user's token of Slack", "xoxp-123456789012-abcdefABCDEF", "***"],
  ["a key of OpenAI", `OPENAI_API_KEY=sk-proj-${body}`, "OPENAI_API_KEY=***"],
  ["a key of Anthropic", `sk-ant-api03-${body}-AA`, "***"],
  ["a token of GitLab", "glpat-a1B2c3D4e5F6g7H8i9J0", "***"],
  ["a token of npm", `//registry.npmjs.org/:_authToken=npm_${body}`, "//registry.npmjs.org/:_authToken=***"],
  ["a private key", `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\nnot ok`, "***\nnot ok"],
  ["an OpenSSH key", `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----`, "***"],
  ["an RSA key in JSON", `"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----\\n"`, '"***\\n"'],
  ["a private key without its end", `-----BEGIN PRIVATE KEY-----\n${lines.slice(0, -5)}\nnot ok 1`, "***\nnot ok 1"],
  ["a private key without its beginning", `…\n${lines}\n-----END EC PRIVATE KEY-----\nnot ok`, "***\nnot ok"],
  ["a bearer's header", "> Authorization: Bearer abc.def", "> Authorization: Bearer ***"],
  ["a basic header", "AUTHORIZATION: basic eDp5", "AUTHORIZATION: basic ***"],
  ["a header in JSON", '{"authorization":"Bearer abc"}', '{"authorization":"Bearer ***"}'],
  ["a password in a URL", "fatal: https://me:pw@example.com/x.git", "fatal: https://***@example.com/x.git"],
  ["a password without a user", "redis://:pw@cache:6379", "redis://***@cache:6379"],
])("takes out %s", (_what, text, clean) => {
  expect(withoutCredentials(text)).toBe(clean);
});

test.each([
  "HEAD is now at 3f786850e387550fdab836ed7e6dc881de23001b",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "src/github_pat_rotation_handler.test.ts:12:3",
  "/builds/shop/src/task-sk-runner.ts",
  "npm_config_registry=https://registry.npmjs.org:443/@scope/name",
  "npm_package_dependencies_with_a_long_name_of_thirty",
  "https://example.com:8080/a and me@example.com",
  "git clone ssh://git@github.com/acme/shop.git",
  "basic authentication failed: bearer token expected",
  "SyntaxError: Unexpected token something",
  "-----BEGIN PUBLIC KEY-----",
  "no -----BEGIN PRIVATE KEY----- found in key.pem",
  "ghp_ is the prefix of a token, and sk-circle a class",
])("leaves %s", (text) => {
  expect(withoutCredentials(text)).toBe(text);
});

test("does not take long, whatever a log is made of", () => {
  const parts = ["a-", "AAAA\n", "sk-", "eyJ", "-----BEGIN PRIVATE KEY-----\n", "authorization: ", "a://b:"];
  const start = performance.now();
  for (const part of parts) withoutCredentials(part.repeat((1 << 20) / part.length));
  expect(performance.now() - start).toBeLessThan(10_000);
});
