import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { listDir, readText, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import type { SessionCard } from "@agent-orchestrator/core/model/session-card";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { openSealing, type Sealing } from "@agent-orchestrator/plugin-kit/records/sealing";
import { z } from "zod";

/** What can be pressed for one notice in a message, and whether it is over. */
const Item = z.looseObject({
  /** The digest of the notice's id. */
  notice: z.string(),
  session: z.string().nullable(),
  /** The blocks of its buttons begin with this id. */
  block: z.string(),
  buttons: z.array(z.looseObject({ action: z.string(), value: z.string() })),
  /** Why it is over. Null as long as it is not. */
  over: z.string().nullable(),
});
export type Item = z.infer<typeof Item>;

/** A message that was sent, or begun. */
const SentMessage = z.looseObject({
  key: z.string(),
  /** The digest of the event's id. */
  event: z.string(),
  /** What the message carries in its metadata, so that it is found again. */
  mark: z.string(),
  thread: z.string().nullable(),
  /** It is newer than this message. Null if none is known. */
  after: z.string().nullable(),
  /** Slack's id of it. Null while nobody knows whether it arrived. */
  ts: z.string().nullable(),
  at: z.number(),
  text: z.string(),
  blocks: z.array(z.record(z.string(), z.unknown())),
  items: z.array(Item),
});
export type SentMessage = z.infer<typeof SentMessage>;

/** The thread of a session. */
const Thread = z.looseObject({
  key: z.string(),
  session: z.string(),
  mark: z.string(),
  after: z.string().nullable(),
  /** Of its first message. Null if it is gone, or was only begun. */
  ts: z.string().nullable(),
  at: z.number(),
  /** A digest of what the first message shows. */
  shown: z.string().nullable(),
  /** What notices said of the session, and what it was last. */
  about: z.record(z.string(), z.unknown()).nullable(),
  card: z.custom<SessionCard>((value) => typeof value === "object").nullable(),
});
export type Thread = z.infer<typeof Thread>;

export interface Records<T> {
  get(key: string): T | undefined;
  put(record: T): void;
  remove(key: string): void;
  all(): Iterable<T>;
}

export interface Ledger {
  messages: Records<SentMessage>;
  threads: Records<Thread>;
  /** The newest message that Slack is known to have. What was sent since is newer. */
  newest(): string | null;
  sawTs(ts: string): void;
  /** The message with this id. */
  messageAt(ts: string): SentMessage | undefined;
  threadAt(ts: string): Thread | undefined;
}

export const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Core sends a notice for a day. */
const MAX_AGE_MS = { messages: 7 * 86_400_000, threads: 90 * 86_400_000 } as const;
const MAX_RECORDS = { messages: 2_000, threads: 5_000 } as const;

/** What was sent to this channel, in small files that survive a restart. */
export function openLedger(context: PluginContext, name: string): Ledger {
  const folders = ["messages", "threads"].map((kind) => `${name}/${kind}`);
  const sealing = openSealing(context, folders);
  const world = { context, sealing };
  const messages = openRecords(world, { name, kind: "messages", schema: SentMessage });
  const threads = openRecords(world, { name, kind: "threads", schema: Thread });
  let newest: string | null = null;
  const sawTs = (ts: string) => {
    if (newest === null || ts > newest) newest = ts;
  };
  for (const { ts } of [...messages.all(), ...threads.all()]) if (ts !== null) sawTs(ts);
  const at = <T extends { ts: string | null }>(records: Records<T>, ts: string) =>
    [...records.all()].find((one) => one.ts === ts);
  return {
    ...{ messages, threads, sawTs, newest: () => newest },
    messageAt: (ts) => at(messages, ts),
    threadAt: (ts) => at(threads, ts),
  };
}

interface Row {
  key: string;
  at: number;
}

interface Kind<T> {
  name: string;
  kind: "messages" | "threads";
  schema: z.ZodType<T>;
}

function openRecords<T extends Row>(
  { context, sealing }: { context: PluginContext; sealing: Sealing | null },
  { name, kind, schema }: Kind<T>,
): Records<T> {
  const folder = join(context.stateDir, name, kind);
  const pathOf = (key: string) => join(folder, `${key}.json`);
  const rows = new Map<string, T>();
  const remove = (key: string) => {
    rows.delete(key);
    removeIfThere(realFs, pathOf(key));
  };
  const found = (listDir(folder) ?? []).flatMap((file) => {
    const key = /^([a-f0-9]{32})\.json$/.exec(file)?.[1];
    const row = key === undefined ? null : read(join(folder, file), { sealing, context, kind, schema });
    return row !== null && row.key === key ? [row] : [];
  });
  const oldest = context.clock.now() - MAX_AGE_MS[kind];
  const surplus = found.length - MAX_RECORDS[kind];
  for (const [index, row] of found.sort((a, b) => a.at - b.at).entries()) {
    rows.set(row.key, row);
    if (index < surplus || row.at < oldest) remove(row.key);
  }
  return {
    get: (key) => rows.get(key),
    all: () => rows.values(),
    remove,
    put(row) {
      const text = sealing?.format(`${kind}/${row.key}.json`, row) ?? `${JSON.stringify(row)}\n`;
      putFile(pathOf(row.key), text);
      rows.set(row.key, row);
      const [first] = rows.keys();
      if (rows.size > MAX_RECORDS[kind] && first !== undefined) remove(first);
    },
  };
}

interface Reading<T> {
  sealing: Sealing | null;
  context: PluginContext;
  kind: string;
  schema: z.ZodType<T>;
}

function read<T>(path: string, { sealing, context, kind, schema }: Reading<T>): T | null {
  try {
    const parsed: unknown = JSON.parse(readText(path, { maxBytes: 4 << 20 }) ?? "");
    if (sealing?.check(`${kind}/${basename(path)}`, parsed) === false) {
      context.log.warn(`${path} was not written by ao, and was set aside`, { keptAt: sealing.setAside(path) });
      return null;
    }
    return schema.parse(parsed);
  } catch (error) {
    context.log.warn(`${path} cannot be read and is skipped`, { error: String(error).slice(0, 300) });
    return null;
  }
}
