import { appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import { type Behaviour, faultyServer, type Seen } from "@agent-orchestrator/testkit/faulty-server";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { AGENT, Sandbox } from "./support/sandbox.ts";
import { figure, newSeed, rounds, seededRandom } from "./support/tier.ts";

const PLUGIN = fileURLToPath(new URL("./support/telling-agent.mjs", import.meta.url));
const SESSIONS = 5;
const KILLS = 10;

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const activity = (state: string) => ({
  kind: "activity",
  activity: { state, since: new Date().toISOString(), source: "hook", evidence: state },
});

/** Every session begins and ends a turn, which are two notices. */
function turn(state: "active" | "ready"): void {
  for (let number = 1; number <= SESSIONS; number++) {
    appendFileSync(join(box.dir, `facts-app-${number}.jsonl`), `${JSON.stringify(activity(state))}\n`);
  }
}

/** The ids of the notices in a message, oldest first. */
function idsIn({ body }: Seen): string[] {
  const { id, data } = JSON.parse(body) as NotificationDocument;
  const notices = data.notices as { id: string }[] | undefined;
  return notices?.map((one) => one.id) ?? [id];
}

const sessionOf = (id: string): string => /^notify:(app-\d+):/.exec(id)?.[1] ?? "none";

it("notices arrive once and in order while the far end fails and the daemon is killed ten times", async () => {
  const seed = newSeed();
  const random = seededRandom(seed);
  const server = await faultyServer();
  /** Messages that the far end took, whether or not its answer arrived. */
  const taken: Seen[] = [];
  let isHealthy = false;
  const answer: Behaviour = (request, response) => {
    const luck = isHealthy ? 1 : random();
    if (luck < 0.2) return void response.writeHead(429, { "retry-after": "1" }).end();
    if (luck < 0.4) return void response.writeHead(500).end();
    taken.push(request);
    if (luck < 0.5) return void response.destroy();
    response.writeHead(204).end();
  };
  server.on("/hook", answer);
  box = new Sandbox({ issues: SESSIONS });
  box.configure({
    top: `plugins: [{ path: ./telling-agent.mjs }]
limits: { maxConcurrentSessions: ${SESSIONS} }
notifiers:
  hook: { plugin: webhook, url: "${server.origin}/hook", allowPrivate: true }
notificationRouting: { urgent: [hook], action: [hook], info: [hook] }
`,
    project: "    agent: telling\n    scm: local",
    agentConfig: `{ argv: ${JSON.stringify([process.execPath, AGENT, "--idle"])}, facts: "${box.dir}", isToldOnce: true }`,
  });
  copyFileSync(PLUGIN, join(box.repo.path, "telling-agent.mjs"));
  expect(await box.ao("trust")).toMatchObject({ status: 0 });
  await box.ao("spawn", "app", ...Array.from({ length: SESSIONS }, (_, at) => String(at + 1)));

  const turns = rounds(40, 300);
  const killAt = new Set(Array.from({ length: KILLS }, (_, at) => Math.floor(((at + 1) * turns) / (KILLS + 1))));
  for (let number = 0; number < turns; number++) {
    for (const state of ["active", "ready"] as const) {
      turn(state);
      await new Promise((resolve) => setTimeout(resolve, 100 + random() * 200));
    }
    if (killAt.has(number)) {
      await box.kill9();
      await box.start();
    }
  }
  isHealthy = true;
  await waitFor(async () => (await box.get("notify-log", {})).every(({ outcome }) => outcome !== "waiting"), {
    what: "the last notice",
    timeoutMs: 120_000,
  });

  const events = await box.get("events", { limit: 100_000 });
  const told = (type: string) => type === "session.working" || type === "session.idle" || type === "session.spawned";
  const expected = events.filter(({ type }) => told(type));
  const keys = new Map<string, string>();
  const doubled: string[] = [];
  const had: string[] = [];
  for (const seen of taken) {
    const key = String(seen.headers["idempotency-key"]);
    for (const id of idsIn(seen)) {
      const before = keys.get(id);
      if (before === undefined) had.push(id);
      else if (before !== key) doubled.push(id);
      keys.set(id, key);
    }
  }
  const missing: string[] = [];
  for (let number = 1; number <= SESSIONS; number++) {
    const name = `app-${number}`;
    const types = (events: LoggedEvent[]) =>
      events.filter(({ sessionId }) => sessionId === name).map(({ type }) => type);
    const arrived = had.filter((id) => sessionOf(id) === name && told(id.split(":")[2] ?? ""));
    expect(arrived.map((id) => id.split(":")[2])).toEqual(types(expected));
    if (arrived.length !== types(expected).length) missing.push(name);
  }
  const again = taken.length - new Set(taken.map(({ headers }) => headers["idempotency-key"])).size;
  figure(
    `${expected.length} notices, ${KILLS} kills, seed ${seed}: ${had.length} arrived in ${taken.length} messages ` +
      `(${again} repeated under their own key), ${missing.length} missing, ${doubled.length} doubled`,
  );
  expect([missing, doubled]).toEqual([[], []]);
}, 600_000);
