import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import { z } from "zod";
import { parseJson } from "./record.ts";

const FILE = "opencode-messages.json";
const KEPT = 300;

const MessagesFile = z.looseObject({
  /** Our id and OpenCode's id of each message that was sent, oldest first. */
  sent: z.array(z.tuple([z.string(), z.string()])),
  /** The newest user message whose receipt was reported. */
  told: z.looseObject({ created: z.number(), id: z.string() }).nullable(),
});
type MessagesFile = z.infer<typeof MessagesFile>;

/** What must outlive the daemon so that no message is sent twice and no receipt is reported twice. */
export interface MessageNotes {
  /** OpenCode's id for our message. It is recorded before the first byte is sent, and is the same at each attempt. */
  idFor(messageId: string, make: () => string): string;
  /** Our id for a message of OpenCode's, or null if the user wrote it. */
  ownerOf(openCodeId: string): string | null;
  isTold(message: { created: number; id: string }): boolean;
  tell(message: { created: number; id: string }): void;
}

/** Read again each time, because sender and watcher share the file, not an object. */
export function messageNotes(sessionDir: string): MessageNotes {
  const path = join(sessionDir, FILE);
  const change = (next: Partial<MessagesFile>): void => {
    atomicReplace(path, JSON.stringify({ ...read(path), ...next }), { mode: 0o600 });
  };
  return {
    idFor(messageId, make) {
      const { sent } = read(path);
      const known = sent.find(([ours]) => ours === messageId)?.[1];
      if (known !== undefined) return known;
      const made = make();
      change({ sent: [...sent, [messageId, made] as [string, string]].slice(-KEPT) });
      return made;
    },
    ownerOf: (id) => read(path).sent.find(([, theirs]) => theirs === id)?.[0] ?? null,
    isTold: ({ created, id }) => {
      const { told } = read(path);
      return told !== null && (created < told.created || (created === told.created && id <= told.id));
    },
    tell: ({ created, id }) => change({ told: { created, id } }),
  };
}

function read(path: string): MessagesFile {
  const none: MessagesFile = { sent: [], told: null };
  if (!existsSync(path)) return none;
  const parsed = MessagesFile.safeParse(parseJson(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : none;
}
