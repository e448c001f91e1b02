import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";

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
  const file = keptFile(join(sessionDir, FILE), MessagesFile);
  const read = (): MessagesFile => file.read() ?? { sent: [], told: null };
  const change = (next: Partial<MessagesFile>): void => file.write({ ...read(), ...next });
  return {
    idFor(messageId, make) {
      const { sent } = read();
      const known = sent.find(([ours]) => ours === messageId)?.[1];
      if (known !== undefined) return known;
      const made = make();
      change({ sent: [...sent, [messageId, made] as [string, string]].slice(-KEPT) });
      return made;
    },
    ownerOf: (id) => read().sent.find(([, theirs]) => theirs === id)?.[0] ?? null,
    isTold: ({ created, id }) => {
      const { told } = read();
      return told !== null && (created < told.created || (created === told.created && id <= told.id));
    },
    tell: ({ created, id }) => change({ told: { created, id } }),
  };
}
