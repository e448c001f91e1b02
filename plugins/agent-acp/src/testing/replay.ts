import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { type Conversation, conversation } from "../host/conversation.ts";
import { recall } from "../host/memory.ts";
import { painter } from "../host/paint.ts";
import { openPeer } from "../host/peer.ts";
import { transcript } from "../host/transcript.ts";
import type { HostSpec, JournalEntry } from "../wire.ts";

type Message = Record<string, unknown> & { dir: "<" | ">" };

export interface Replay {
  talk: Conversation;
  /** What the user saw. */
  lines: string[];
  journal: JournalEntry[];
  /** Plays the recorded agent's part, up to the point where it waits for something from us. */
  run(): Promise<void>;
}

export const recording = (name: string): Message[] =>
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../fixtures", name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** A conversation with an agent that says what was recorded, and expects the recorded input. */
export function replay(messages: readonly Message[], spec: Partial<HostSpec>): Replay {
  const sent: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const journal: JournalEntry[] = [];
  const add = (entry: JournalEntry) => void journal.push(entry);
  const peer = openPeer({
    send: (message) => void sent.push(message),
    onNotification: (method, params) => talk.onNotification(method, params),
    onRequest: (method, params) => talk.onRequest(method, params),
  });
  const talk = conversation({
    spec: { ...SPEC, ...spec },
    peer: () => peer,
    journal: { add, addSurely: add, size: () => journal.length },
    memory: recall([]),
    view: transcript({ print: (more) => void lines.push(...more), width: () => 90, paint: painter(false) }),
    clock: fakeClock(),
    onChange: () => undefined,
    onMoved: () => undefined,
  });
  async function run(): Promise<void> {
    for (const { dir, ...message } of messages) {
      if (dir === "<") peer.receive(message);
      else
        await waitFor(() => sent.some((each) => isSame(each, message)), {
          what: JSON.stringify(message).slice(0, 300),
        });
    }
  }
  return { talk, lines, journal, run };
}

/** The same request, or an answer to the same. */
const isSame = (one: Record<string, unknown>, other: Record<string, unknown>): boolean =>
  one.id === other.id && one.method === other.method && JSON.stringify(one.result) === JSON.stringify(other.result);

const SPEC: HostSpec = {
  version: 1,
  argv: ["agent"],
  cwd: "/home/dev/app",
  dir: "/nowhere",
  socket: "/nowhere",
  prompt: null,
  resume: null,
  permissions: "edits",
  allow: [],
  mode: null,
  model: null,
  auth: null,
};
