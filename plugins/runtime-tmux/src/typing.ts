import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import type { ControlClient } from "./control-client.ts";
import { noteOf, say } from "./message.ts";
import type { Pane } from "./panes.ts";
import { command, inTurn, when } from "./words.ts";

/** Some programs take a larger burst for a paste, and mark it as somebody else's words. */
const PIECE_BYTES = 400;
const GAP_MS = 25;
/** A program that has just redrawn a long text takes an Enter too soon for a line feed. */
const BEFORE_ENTER_MS = 300;

interface Typist {
  client: ControlClient;
  pane: Pane;
  clock: Clock;
}

/**
 * Types a message as a human would, once per id: the note stands before the first key, so that whoever is killed in between never types it
 * twice. A guard that says no takes the note back.
 */
export async function typeMessage(
  typist: Typist,
  { id, text, options }: { id: string; text: string; options: SendOptions },
): Promise<"typed" | "already" | "dead"> {
  const { client, pane, clock } = typist;
  const [begun] = await client.run(beginCommand(pane.paneId, id));
  if (begun !== "fresh") return begun === "dead" ? "dead" : "already";
  for (const piece of piecesOf(text)) {
    await requireSafe(typist, id, options);
    await client.run(inTurn(leaveCopyMode(pane), command("send-keys", "-l", "-t", pane.paneId, "--", piece)));
    await clock.sleep(GAP_MS, options.signal);
  }
  await clock.sleep(BEFORE_ENTER_MS, options.signal);
  await requireSafe(typist, id, options);
  await client.run(inTurn(leaveCopyMode(pane), command("send-keys", "-t", pane.paneId, "Enter")));
  return "typed";
}

const leaveCopyMode = ({ paneId }: Pane): string => command("copy-mode", "-q", "-t", paneId);

function beginCommand(paneId: string, id: string): string {
  const note = inTurn(command("set-option", "-p", "-t", paneId, noteOf(id), "1"), say("fresh"));
  const fresh = when(paneId, `#{${noteOf(id)}}`, { yes: say("already"), no: note });
  return inTurn(
    command("set-option", "-p", "-t", paneId, "@ao_last_msg", id),
    when(paneId, "#{pane_dead}", { yes: say("dead"), no: fresh }),
  );
}

async function requireSafe({ client, pane }: Typist, id: string, { guard }: SendOptions): Promise<void> {
  if (guard === undefined || (await guard())) return;
  await client.run(command("set-option", "-p", "-u", "-t", pane.paneId, noteOf(id)));
  throw new AoError("REFUSED", "the program does not take a message now");
}

/** Pieces of at most so many bytes that split no character. */
export function piecesOf(text: string, bytes = PIECE_BYTES): string[] {
  const pieces: string[] = [];
  let piece = "";
  let size = 0;
  for (const char of text) {
    const more = Buffer.byteLength(char);
    if (size + more > bytes) {
      pieces.push(piece);
      piece = "";
      size = 0;
    }
    piece += char;
    size += more;
  }
  return piece === "" ? pieces : [...pieces, piece];
}
