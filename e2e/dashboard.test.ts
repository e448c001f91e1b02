import { readFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { join } from "node:path";
import { DoorClient, openTerminal } from "@agent-orchestrator/testkit/door-client";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import type { Requests } from "../packages/daemon/src/requests.ts";
import { runProgram } from "./support/ao.ts";
import { Sandbox, type SandboxOptions } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

interface Opened {
  link: string;
  port: number;
  wanted: number;
}

/** A home whose dashboard has a port of its own. */
async function sandbox(options: SandboxOptions = {}): Promise<number> {
  const port = await freePort();
  box = new Sandbox({ ...options, top: `port: ${port}\n${options.top ?? ""}` });
  expect((await box.ao("trust")).status).toBe(0);
  return port;
}

const open = (): Promise<Opened> => box.json<Opened>("dashboard");
const enter = async (): Promise<DoorClient> => await DoorClient.enter((await open()).link);

const listenersOf = (port: number): string[] =>
  ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && Number.parseInt(local?.split(":")[1] ?? "", 16) === port)
      .map(([, local]) => local?.split(":")[0] ?? ""),
  );

it("does a page's work over one WebSocket: it sees, spawns, sends and follows, and is refused in the same words", async () => {
  await sandbox();
  const client = await enter();
  const { ask, close } = client.api<Requests>();
  const spawned = await ask("spawn", { words: ["app", "1"] }, { wishId: "spawn-from-a-page" });
  expect(spawned.ok && spawned.data.map(({ id }) => id)).toEqual(["app-1"]);
  const again = await ask("spawn", { words: ["app", "1"] }, { wishId: "spawn-from-a-page" });
  expect(again.ok && again.data.map(({ id }) => id)).toEqual(["app-1"]);
  await waitFor(() => box.agentEvents().some(({ event }) => event === "start"));
  const status = await ask("status", {});
  expect(status.ok && status.data.map(({ id }) => id)).toEqual(["app-1"]);
  const sent = await ask("send", { session: "app-1", text: "from the page" }, { wishId: "send-from-a-page" });
  expect(sent.ok, JSON.stringify(sent)).toBe(true);
  await waitFor(() => box.agentEvents().some(({ text }) => text === "from the page"));
  const [there, here] = [await ask("show", { session: "app-9" }), await box.ask("show", { session: "app-9" })];
  expect(there).toEqual(here);
  const exec = await ask("exec", { session: "app-1" });
  expect(exec.ok === false && exec.error?.code).toBe("NOT_PERMITTED");
  close();
});

it("a stream goes on over a daemon that is killed, with nothing missed and nothing twice, and the page stays logged in", async () => {
  await sandbox();
  const client = await enter();
  const seen: number[] = [];
  const followOnce = async () => {
    const { ask, close } = client.api<Requests>();
    const after = seen.at(-1);
    await ask(
      "events",
      { follow: true, limit: 1000, ...(after === undefined ? {} : { afterSeq: after }) },
      { onItem: (event) => seen.push((event as unknown as { seq: number }).seq) },
    );
    close();
  };
  let isOver = false;
  /** As the page does: it asks again from its cursor until it is left. */
  const follow = async () => {
    while (!isOver) {
      await followOnce().catch(() => undefined); // The daemon is away.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  void follow();
  await box.json("spawn", "app", "1");
  await waitFor(() => seen.length > 0);
  await box.kill9();
  await box.json("spawn", "app", "2");
  const all = async () => (await box.get("events", { limit: 1000 })).map(({ seq }) => seq);
  await waitFor(async () => seen.at(-1) === (await all()).at(-1), { what: "the newest event", timeoutMs: 60_000 });
  isOver = true;
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  expect(seen).toEqual((await all()).filter((seq) => seq <= (seen.at(-1) ?? 0)));
});

it("shows a terminal live to several viewers, and takes keys only where that was asked for", async () => {
  await sandbox({ agentConfig: '{ command: [sh, -c, "while read x; do echo got-$x; done"] }' });
  await box.json("spawn", "app", "1");
  const client = await enter();
  const reader = await openTerminal(client, "app-1");
  const writer = await openTerminal(client, "app-1", { write: true });
  writer.type("hello\r");
  for (const viewer of [reader, writer]) await waitFor(() => viewer.text().includes("got-hello"));
  const late = await openTerminal(client, "app-1");
  await waitFor(() => late.text().includes("got-hello"));
  expect(late.messages[0]).toMatchObject({ type: "screen", cols: 200, rows: 50 });
  // The answer of a browser's terminal to a question is nobody's key.
  writer.type("\u001b[?1;2c");
  writer.type("after\r");
  await waitFor(() => writer.text().includes("got-after"));
  reader.type("forbidden\r");
  expect(await reader.closed).toBe(1008);
  writer.socket.send("junk");
  expect(await writer.closed).toBe(1007);
  expect(late.text()).not.toContain("forbidden");
  const stranger = await openTerminal(client, "../app-1; kill");
  expect(await stranger.closed).toBe(4004);
  expect(stranger.messages).toMatchObject([{ type: "error", code: "NOT_FOUND" }]);
});

it("listens on loopback only, and on the next port if its own is taken", async () => {
  const port = await sandbox();
  const other = createServer().listen(port, "127.0.0.1");
  await waitFor(() => other.listening);
  try {
    const answer = await box.ao("dashboard");
    expect(answer.stderr).toContain(`port ${port} is taken`);
    const opened = Number(new URL(answer.stdout.trim()).port);
    expect(opened).toBeGreaterThan(port);
    expect(listenersOf(opened).every((address) => /^(0100007F|0{24}01000000)$/.test(address))).toBe(true);
    expect(listenersOf(opened).length).toBeGreaterThan(0);
  } finally {
    other.close();
  }
});

it("opens without being asked where the config says so, and closes when it no longer does", async () => {
  const port = await sandbox({ top: "dashboard: true\n" });
  const health = async () => (await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null))?.json();
  expect(await waitFor(health)).toEqual({ name: "ao" });
  box.configure({ top: `port: ${port}\n` });
  expect((await box.ao("trust", "--yes")).status).toBe(0);
  await waitFor(async () => (await health()) === undefined, { what: "the port to close" });
});

it("a link works once, logging out ends it all, and closing closes", async () => {
  await sandbox();
  const { link, port } = await open();
  const client = await DoorClient.enter(link);
  await expect(DoorClient.enter(link)).rejects.toThrow("refused: 401");
  const socket = await client.socket("/api/ws");
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const revoked = await box.ao("dashboard", "--revoke");
  expect(revoked.stdout).toBe("logged out 1 browser\n");
  expect(await closed).toBe(4001);
  expect((await client.post("/api/ticket")).status).toBe(401);
  expect((await box.ao("dashboard", "--close")).stdout).toBe("the dashboard is closed\n");
  await expect(fetch(`http://127.0.0.1:${port}/api/health`)).rejects.toThrow();
  const qr = await box.ao("dashboard", "--qr");
  expect([qr.status, qr.stderr]).toEqual([69, expect.stringContaining("a phone cannot reach the dashboard")]);
});

it("an agent gets no link, and finds no token in its environment or its files", async () => {
  await sandbox({ agentArgs: ["--own-file"] });
  const client = await enter();
  await box.json("spawn", "app", "1");
  await waitFor(() => box.agentEvents().some(({ event }) => event === "start"));
  const asked = await box.asAgent("app-1", `ao dashboard --no-open; echo status $?`);
  expect(asked.stdout).not.toContain("code=");
  const found = await box.asAgent("app-1", "env; cat /proc/[0-9]*/cmdline; echo looked");
  expect(found.stdout).toContain("looked");
  expect(found.stdout).not.toContain(client.token);
  const searched = await runProgram("grep", ["-rlsF", client.token, box.dir], { env: box.env });
  expect(searched.stdout).toBe("");
  // The search finds what is there.
  const usual = readFileSync(join(box.home, "daemon/token"), "utf8").trim();
  expect((await runProgram("grep", ["-rlsF", usual, box.dir], { env: box.env })).stdout).toContain("daemon/token");
});

it("stands what a hostile viewer sends, and no key of it arrives", async () => {
  await sandbox({ agentConfig: '{ command: [sh, -c, "while read x; do echo got-$x; done"] }' });
  await box.json("spawn", "app", "1");
  const client = await enter();
  const watcher = await openTerminal(client, "app-1");
  await waitFor(() => watcher.messages.length > 0);
  const hostile: [string, string | Buffer, number][] = [
    ["a message that is too long", JSON.stringify({ type: "input", data: "x".repeat(70_000) }), 1009],
    ["a size of a billion", JSON.stringify({ type: "resize", cols: 1e9, rows: 1e9 }), 1007],
    ["half a size", JSON.stringify({ type: "resize", cols: 1.5, rows: -1 }), 1007],
    ["bytes", Buffer.from("got\r"), 1007],
    ["a prototype", '{"__proto__":{"type":"input","data":"x"}}', 1007],
    ["what is not JSON", "{", 1007],
    ["an unknown kind", JSON.stringify({ type: "kill" }), 1007],
    ["a confirmation of more than there is", JSON.stringify({ type: "ack", bytes: 1e308 }), 1007],
  ];
  for (const [what, message, code] of hostile) {
    const viewer = await openTerminal(client, "app-1", { write: true });
    viewer.socket.send(message);
    expect(await viewer.closed, what).toBe(code);
  }
  const many = await openTerminal(client, "app-1", { write: true });
  for (let cols = 60; cols < 10_060; cols += 1)
    many.socket.send(JSON.stringify({ type: "resize", cols: 60 + (cols % 100), rows: 30 }));
  many.type("still-there\r");
  await waitFor(() => watcher.text().includes("got-still-there"), { timeoutMs: 30_000 });
  const address = await client.address("/api/terminal?session=app-1&write=1");
  const [first, second] = await Promise.all([1, 2].map(() => upgraded(address)));
  expect([first, second].sort()).toEqual([101, 401]);
  expect(watcher.text()).not.toMatch(/got-(?!still-there)/);
});

/** The HTTP status of a WebSocket's opening. */
const upgraded = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get(address.replace("ws:", "http:"), {
      headers: {
        ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on("response", ({ statusCode }) => resolve(statusCode ?? 0));
    request.on("error", reject);
  });
