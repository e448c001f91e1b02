import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { piecesOf, TYPING } from "@agent-orchestrator/plugin-kit/message";
import { command, inTurn, when } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { noteOf, say } from "./message.ts";
import type { Pane } from "./panes.ts";

interface Typist {
  client: ControlClient;
  pane: Pane;
  clock: Clock;
}

/**
 * Types a message as a person would, once per id. The id is noted before the first key, so that it is never typed twice, even if we are
 * killed in between. A guard that refuses removes the note.
 */
export async function typeMessage(
  typist: Typist,
  { id, text, options }: { id: string; text: string; options: SendOptions },
): Promise<"typed" | "already" | "dead"> {
  const { client, pane, clock } = typist;
  const [begun] = await client.run(beginCommand(pane.paneId, id));
  if (begun !== "fresh") return begun === "dead" ? "dead" : "already";
  failpoint("typing.noted");
  for (const piece of piecesOf(text)) {
    await requireSafe(typist, id, options);
    await client.run(inTurn(leaveCopyMode(pane), command("send-keys", "-l", "-t", pane.paneId, "--", piece)));
    failpoint("typing.piece");
    await clock.sleep(TYPING.gapMs, options.signal);
  }
  await clock.sleep(TYPING.beforeEnterMs, options.signal);
  await requireSafe(typist, id, options);
  failpoint("typing.typed");
  await client.run(inTurn(leaveCopyMode(pane), command("send-keys", "-t", pane.paneId, "Enter")));
  failpoint("typing.entered");
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
  throw new AoError("REFUSED", "the program does not accept a message now");
}
