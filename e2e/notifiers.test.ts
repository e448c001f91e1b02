import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultyServer, json } from "@agent-orchestrator/testkit/faulty-server";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox, type SandboxOptions } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const idle: SandboxOptions = { runtime: "process", agentArgs: ["--idle"] };

it("notify test reaches a webhook and a program, and what is secret about them is printed and stored nowhere", async () => {
  const server = await faultyServer();
  server.on(
    "/S3cret-path",
    (_request, response, count) => void response.writeHead(count === 0 ? 204 : 404).end("no S3cret-path"),
  );
  server.on(
    "/api/v3.1/tools/A_B",
    json({ slug: "A_B", name: "A", tags: [], input_parameters: {}, output_parameters: {} }),
  );
  server.on("/api/v3.1/tools/execute/A_B", json({ data: {}, error: null, successful: true }));
  const dir = tempDir("ao-notify");
  const program = join(dir, "notify");
  writeFileSync(program, `#!/bin/sh\ncat > '${dir}/stdin'; echo "$AO_EVENT_TYPE $#" > '${dir}/seen'\n`);
  chmodSync(program, 0o755);
  const top = `notifiers:
  phone: { plugin: webhook, url: "${server.origin}/S3cret-path", secret: S3cret-of-sixteen, headers: { X-Key: S3cret-key }, allowPrivate: true }
  mine: { plugin: command, command: "${program}" }
  mail: { plugin: composio, apiKey: S3cret-of-composio, tool: A_B, version: "20250909_00", userId: me, baseURL: "${server.origin}", arguments: { subject: "{{title}}" } }
notificationRouting: { urgent: [phone, mine, mail], action: [phone, mine] }
`;
  box = new Sandbox({ ...idle, top });
  const said: string[] = [];
  const ao = async (...words: string[]) => {
    const { stdout, stderr, status } = await box.ao(...words);
    said.push(stdout, stderr);
    return { stdout, status };
  };
  await ao("trust");
  const { status, stdout } = await ao("notify", "test");
  expect([status, stdout.split("\n").filter((line) => line.startsWith("✓"))]).toEqual([
    ...[0, ["✓ phone: sent", "✓ mine: sent", "✓ mail: sent"]],
  ]);
  expect(stdout).toContain("  question  ao: this is a test. Can you read it?\n  choices   1 Yes · 2 No\n");
  expect(stdout).toContain('  sent as   {"subject":"ao: test"}\n');
  const posts = server.seen.filter(({ method }) => method === "POST");
  const executed = posts.find(({ url }) => url.startsWith("/api/"));
  expect(JSON.parse(executed?.body ?? "")).toMatchObject({ user_id: "me", arguments: { subject: "ao: test" } });
  expect(executed?.headers["x-api-key"]).toBe("S3cret-of-composio");
  const phone = posts.find(({ url }) => url === "/S3cret-path");
  expect(JSON.parse(phone?.body ?? "")).toMatchObject({ type: "notify.test", version: 1 });
  expect(stdout).toContain(`  sent as   ${phone?.body}\n`);
  expect(phone?.headers).toMatchObject({ "x-key": "S3cret-key" });
  expect(readFileSync(join(dir, "seen"), "utf8")).toBe("notify.test 0\n");
  expect(JSON.parse(readFileSync(join(dir, "stdin"), "utf8"))).toMatchObject({ title: "ao: test" });
  expect((await ao("notify", "test", "phone")).stdout).toContain("phone: the webhook answered 404");
  for (const words of [
    ["config", "show"],
    ["config", "show", "--json"],
    ["doctor"],
    ["status"],
    ["events", "--json"],
  ]) {
    await ao(...words);
  }
  expect(said.join("\n")).not.toContain("S3cret");
  const stored = filesIn(box.home).filter((file) => readFileSync(file).includes("S3cret"));
  expect(stored).toEqual([]);
});

it("a notifier that can't be made yet is tried again until it listens", async () => {
  const top = `plugins: [{ path: ./own.mjs }]\nnotifiers: { mine: { plugin: own } }\n`;
  const own = `import { appendFileSync, existsSync } from "node:fs";
export const manifest = { name: "own", slot: "notifier", description: "d", version: "1" };
export const create = () => {
  const file = (name) => new URL(name, import.meta.url);
  appendFileSync(file("tries"), "x");
  if (!existsSync(file("ready"))) throw new Error("not yet");
  return { notify: async () => undefined, listen: async () => appendFileSync(file("listening"), "x") };
};
`;
  box = new Sandbox({ ...idle, top, files: { "own.mjs": own } });
  const at = (name: string) => join(box.repo.path, name);
  await box.ao("trust");
  const tries = () => (existsSync(at("tries")) ? readFileSync(at("tries"), "utf8").length : 0);
  await waitFor(() => tries() >= 2, { what: "a second try", timeoutMs: 60_000 });
  writeFileSync(at("ready"), "");
  await waitFor(() => existsSync(at("listening")), { what: "its listener", timeoutMs: 60_000 });
  expect(readFileSync(at("listening"), "utf8")).toBe("x");
}, 120_000);

/** Every plain file. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  return entries.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
