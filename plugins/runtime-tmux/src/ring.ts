import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { command, inTurn } from "./command-quoting.ts";
import type { Desk } from "./desk.ts";
import type { Launch } from "./naming.ts";

/** Rings the bell, sends a desktop notification if the terminal supports it (OSC 9), and shows a line, in every terminal that shows the session. */
export async function ring(desk: Desk, launch: Launch, text: string): Promise<void> {
  const found = await desk.paneOf(launch);
  if (found === undefined) return;
  // The value of an option is not expanded again, but `#[` in it would be a style.
  const line = oneLine(text, 160).replaceAll("#", "");
  const rows = await found.client.run(
    command("list-clients", "-t", `=${launch.name}:`, "-F", "#{?client_control_mode,,#{client_tty}}"),
  );
  for (const tty of rows.filter((row) => row.startsWith("/dev/"))) {
    await writeTo(tty, `\u0007\u001b]9;${line}\u0007`);
    const show = inTurn(
      command("set-option", "-p", "-t", found.pane.paneId, "@ao_ring", line),
      command("display-message", "-c", tty, "-t", found.pane.paneId, "#{@ao_ring}"),
    );
    await found.client.run(show).catch(() => undefined); // That viewer has just left.
  }
}

async function writeTo(tty: string, text: string): Promise<void> {
  try {
    const file = await open(tty, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    try {
      await file.write(text);
    } finally {
      await file.close();
    }
  } catch {
    // A terminal that is full or gone can't ring.
  }
}
