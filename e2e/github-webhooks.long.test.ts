import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { SECRET, startOnGitHub, startWithWebhooks } from "./support/github.ts";

/** The forwarder's own program, as docs/slots/scm.md has people run it. */
const SMEE = createRequire(import.meta.url).resolve("smee-client/bin/smee.js");
const soon = { timeoutMs: 30_000 };

/** A daemon that listens for webhooks. GitHub's are posted to it only after `connect`. */
async function start() {
  const world = await startWithWebhooks();
  onTestFinished(({ task }) => world.close(task.result?.state === "fail"));
  return world;
}

it("answers a delivery by its signature, repository, size, method and path", async () => {
  const { url, shop, github, connect, box } = await start();
  const hook = connect();
  shop.openIssue({ by: "ann", title: "Wrong total" });
  await github.settled();
  const [delivery] = hook.deliveries;
  expect(delivery?.statusCode).toBe(202);
  const { headers = {}, payload = "" } = delivery ?? {};
  const signed = (body: string, secret = SECRET) => ({
    ...headers,
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  });
  const post = async (body: string, init: { headers: Record<string, string> }, to = url) =>
    (await fetch(to, { method: "POST", body, ...init })).status;
  expect(await post(payload, { headers: signed(payload) })).toBe(202);
  expect(await post(payload, { headers: signed(payload, "another") })).toBe(401);
  expect(await post(payload, { headers: {} })).toBe(401);
  expect(await post(`${payload} `, { headers: signed(payload) })).toBe(401);
  const other = payload.replaceAll("acme/shop", "acme/other");
  expect(await post(other, { headers: signed(other) })).toBe(403);
  expect(await post("{", { headers: signed("{") })).toBe(400);
  expect(await post(payload, { headers: signed(payload) }, `${url}/more`)).toBe(404);
  expect((await fetch(url)).status).toBe(405);
  const big = "x".repeat((25 << 20) + 1);
  expect(await post(big, { headers: signed(big) }).catch(() => 413)).toBe(413);
  expect(await post(payload, { headers: signed(payload) })).toBe(202);
  expect((await box.ao("doctor")).stdout).toContain(`webhooks are taken at ${url}`);
  expect(box.daemonLog()).not.toContain(SECRET);
}, 120_000);

it("says in doctor that another program has the port", async () => {
  const other = createServer((socket) => void socket.end("hello\n")).listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { box, close } = await startOnGitHub({
    scm: `, webhook: { path: /github, secret: "${SECRET}", port: ${port} }`,
  });
  onTestFinished(({ task }) => close(task.result?.state === "fail"));
  const { stdout } = await box.ao("doctor");
  expect(stdout).toContain(`webhooks: port ${port} is taken by another program`);
  expect(stdout).toContain("give `scm.webhook.port` of app another port");
});

/** Passes deliveries on as smee.io does: whoever listens gets the headers and the parsed body as an event. */
async function startChannel(): Promise<string> {
  const listeners = new Set<ServerResponse>();
  const server = createHttpServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ready\ndata: {}\n\n");
      listeners.add(response);
      return;
    }
    const event = { ...request.headers, body: JSON.parse(await text(request)), query: {}, timestamp: Date.now() };
    for (const listener of listeners) listener.write(`id: 1\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/channel`;
}

it("takes deliveries that a forwarder passes on", async () => {
  const { shop, url, box, github } = await start();
  const source = await startChannel();
  const client = spawn(process.execPath, [SMEE, "--url", source, "--target", url], { stdio: "pipe" });
  onTestFinished(() => void client.kill("SIGKILL"));
  let said = "";
  for (const output of [client.stdout, client.stderr]) {
    output.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
    });
  }
  await waitFor(() => said.includes("Connected"), { ...soon, what: "smee-client" });
  const issue = shop.openIssue({ by: "ann", title: "Wrong total" });
  const spawned = await box.ao("spawn", "app", String(issue.number));
  expect([spawned.status, spawned.stderr]).toEqual([0, ""]);
  const pr = async () => (await box.get("show", { session: "app-1" })).pr;
  await waitFor(async () => (await pr()) !== null, { ...soon, what: "the pull request" });
  await waitFor(async () => (await box.get("explain", { session: "app-1" })).pending.length === 0, soon);
  shop.hook({ url: source, secret: SECRET });
  const since = performance.now();
  await shop.review((await pr())?.number ?? 0, { by: "ann", verdict: "APPROVE" });
  await waitFor(async () => (await pr())?.review === "approved", { ...soon, what: "the approval" });
  const tookMs = performance.now() - since;
  process.stdout.write(`approval by way of smee-client: ${Math.round(tookMs)} ms\n`);
  await github.settled();
  await waitFor(() => said.includes(`POST ${url} - 202`), { ...soon, what: "the answer at the forwarder" });
  expect(said).not.toMatch(/ - (4|5)\d\d|rror/);
  expect(tookMs).toBeLessThanOrEqual(3_000);
}, 120_000);
