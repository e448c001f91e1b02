import { createHmac, randomUUID } from "node:crypto";
import type { Urls } from "../http/call.ts";
import type { Delivery, Hook } from "../model/hooks.ts";
import type { Repo } from "../model/repo.ts";
import type { Happening, World } from "../world.ts";
import { payloadOf } from "./payloads.ts";

export interface Message {
  event: string;
  action: string | null;
  guid: string;
  payload: string;
  isRedelivery: boolean;
  repoId: number;
}

/** How long GitHub waits for an answer. */
const DEADLINE_MS = 10_000;

const urlsOf = new WeakMap<World, Urls>();

/** Posts whatever happens to the repositories' webhooks from now on, with links that point to `urls`. */
export function startWebhooks(world: World, urls: Urls): void {
  urlsOf.set(world, urls);
  world.listeners.add((happening) => announce(world, happening, urls));
}

function announce(world: World, happening: Happening, urls: Urls): void {
  const { repo, event, action } = happening;
  const hooks = repo.hooks.filter(
    ({ isActive, events }) => isActive && (events.includes("*") || events.includes(event)),
  );
  if (hooks.length === 0) return;
  // The payload shows the world as it is now, before anything else happens.
  const payload = payloadOf(world, happening, urls);
  world.later(async () => {
    const text = JSON.stringify(await payload);
    await Promise.all(
      hooks.map((hook) =>
        deliver(world, hook, {
          event,
          action,
          guid: randomUUID(),
          payload: text,
          isRedelivery: false,
          repoId: repo.id,
        }),
      ),
    );
  });
}

/** The first delivery of every webhook. */
export function tellHook(world: World, repo: Repo, hook: Hook): void {
  const urls = urlsOf.get(world);
  if (urls === undefined) return;
  world.later(async () => {
    const payload = await payloadOf(
      world,
      { repo, event: "ping", action: null, actor: repo.owner, subject: { hook } },
      urls,
    );
    await deliver(world, hook, {
      event: "ping",
      action: null,
      guid: randomUUID(),
      payload: JSON.stringify(payload),
      isRedelivery: false,
      repoId: repo.id,
    });
  });
}

export async function deliver(
  world: World,
  hook: Hook,
  { event, action, guid, payload, isRedelivery, repoId }: Message,
): Promise<void> {
  const body = hook.contentType === "json" ? payload : `payload=${encodeURIComponent(payload)}`;
  const sign = (algorithm: string) =>
    `${algorithm}=${createHmac(algorithm, hook.secret ?? "")
      .update(body)
      .digest("hex")}`;
  const headers: Record<string, string> = {
    accept: "*/*",
    "content-type": hook.contentType === "json" ? "application/json" : "application/x-www-form-urlencoded",
    "user-agent": "GitHub-Hookshot/0000000",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(hook.id),
    "x-github-hook-installation-target-id": String(repoId),
    "x-github-hook-installation-target-type": "repository",
    ...(hook.secret === null ? {} : { "x-hub-signature": sign("sha1"), "x-hub-signature-256": sign("sha256") }),
  };
  const start = performance.now();
  const delivery: Delivery = {
    id: world.nextId(),
    guid,
    event,
    action,
    deliveredAt: world.iso(),
    isRedelivery,
    durationMs: 0,
    statusCode: 0,
    headers,
    payload,
    response: "",
  };
  try {
    const answer = await fetch(hook.url, { method: "POST", headers, body, signal: AbortSignal.timeout(DEADLINE_MS) });
    delivery.statusCode = answer.status;
    delivery.response = await answer.text();
  } catch (error) {
    // Nobody listens. GitHub records that and does not try again.
    delivery.response = String(error);
  }
  delivery.durationMs = performance.now() - start;
  hook.deliveries.push(delivery);
}
