import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { Bench } from "../support/context.ts";
import { EventLog } from "../support/event-log.ts";
import { median, p95 } from "../support/numbers.ts";
import { nowMs, Stage } from "../support/stage.ts";

const SESSIONS = 25;
/** A channel gets one message in a second: what comes sooner would measure that. */
const GAP_MS = 1_200;

interface Sink {
  url: string;
  /** When each message arrived, and the ids of its notices. */
  got: { atMs: number; ids: string[] }[];
  close(): void;
}

async function sinkOf(): Promise<Sink> {
  const got: Sink["got"] = [];
  const server = createServer((request, response) => {
    const atMs = nowMs();
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { id, data } = JSON.parse(body) as { id: string; data: { notices?: { id: string }[] } };
      got.push({ atMs, ids: data.notices?.map((one) => one.id) ?? [id] });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got, close: () => server.close() };
}

/** What a script of the user's writes: a report in the spool. */
function report(stage: Stage, { session, state, name }: { session: string; state: string; name: string }): void {
  const dir = join(stage.box.home, "daemon/spool");
  const proof = readFileSync(join(stage.box.home, "daemon/token"), "utf8").trim();
  mkdirSync(join(dir, "tmp"), { recursive: true });
  const file = join(dir, "tmp", name);
  writeFileSync(file, `kind=report\nsession=${session}\nstate=${state}\nproof=${proof}\n`);
  renameSync(file, join(dir, "new", name));
}

/** From an event until a webhook has it, and how many messages come of 100 events in a second. */
export const notices: Bench = async ({ rounds }) => {
  const sink = await sinkOf();
  const stage = new Stage({
    agent: "listener",
    top: `notifiers: { hook: { plugin: webhook, url: "${sink.url}", allowPrivate: true } }
notificationRouting: { urgent: [hook], action: [hook], info: [hook] }`,
  });
  try {
    await stage.begin();
    for (let number = 0; number < SESSIONS; number += 1) {
      await stage.box.get("spawn", { words: ["app"], prompt: "wait" });
    }
    const ids = Array.from({ length: SESSIONS }, (_, at) => `app-${at + 1}`);
    for (const id of ids) await stage.untilReady(id);
    const samples = await latencies(stage, { sink, times: rounds(20) });
    const burst = await burstOf(stage, { sink, ids });
    return [
      {
        id: "event-webhook",
        what: "an event → the webhook's POST, p95",
        figure: p95(samples),
        ...{ goal: "p95 ≤ 250 ms", limit: 250, unit: "ms" },
        samples: { ao: samples },
        notes: [`${samples.length} times, median ${median(samples).toFixed(0)} ms`],
      },
      {
        id: "burst-messages",
        what: `${burst.events} events in ${(burst.tookMs / 1000).toFixed(1)} s → messages`,
        figure: burst.messages,
        ...{ goal: "≤ 5", limit: 5, unit: "messages" },
        notes: [`${burst.events - burst.missing} of ${burst.events} are in them`],
      },
    ];
  } finally {
    await stage.close();
    sink.close();
  }
};

async function latencies(stage: Stage, { sink, times }: { sink: Sink; times: number }): Promise<number[]> {
  const log = new EventLog(stage.box.home);
  const samples: number[] = [];
  for (let round = 0; round < times; round += 1) {
    await sleep(GAP_MS);
    log.fresh();
    const before = sink.got.length;
    report(stage, { session: "app-1", state: round % 2 === 0 ? "working" : "waiting", name: `one-${round}` });
    const event = await waitFor(() => log.fresh().find(({ type }) => type.startsWith("session.")), {
      ...{ what: "the event", intervalMs: 2 },
    });
    const arrived = await waitFor(() => sink.got[before], { what: "the message", intervalMs: 2 });
    samples.push(arrived.atMs - Date.parse(event.ts));
  }
  return samples;
}

/** Every session changes four times in a second. */
async function burstOf(stage: Stage, { sink, ids }: { sink: Sink; ids: string[] }) {
  await sleep(2 * GAP_MS);
  const log = new EventLog(stage.box.home);
  log.fresh();
  const before = sink.got.length;
  const begin = nowMs();
  for (let turn = 0; turn < 4; turn += 1) {
    for (const session of ids) {
      report(stage, { session, state: turn % 2 === 0 ? "working" : "waiting", name: `burst-${turn}-${session}` });
    }
    await sleep(Math.max(0, begin + (turn + 1) * 250 - nowMs()));
  }
  const events: string[] = [];
  let lastMs = nowMs();
  await waitFor(
    () => {
      const fresh = log.fresh().filter(({ type }) => type === "session.working" || type === "session.idle");
      events.push(...fresh.map(({ ts }) => ts));
      if (fresh.length > 0) lastMs = nowMs();
      return nowMs() - lastMs > 3_000;
    },
    { what: "the last event", timeoutMs: 60_000 },
  );
  const messages = sink.got.slice(before);
  const had = messages.flatMap((one) => one.ids).length;
  const times = events.map((ts) => Date.parse(ts));
  return {
    ...{ events: events.length, messages: messages.length, missing: events.length - had },
    tookMs: Math.max(...times) - Math.min(...times),
  };
}
