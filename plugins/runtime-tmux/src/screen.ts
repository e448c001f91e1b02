import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Key, Screen } from "@agent-orchestrator/core/slots/screen";
import { command, inTurn } from "./command-quoting.ts";
import type { Desk } from "./desk.ts";
import type { Launch } from "./naming.ts";
import { wholeStyles } from "./whole-style.ts";

/** The visible rows with cursor and title, from one moment. */
export async function screenOf(desk: Desk, launch: Launch): Promise<Screen> {
  const { client, pane } = await terminalOf(desk, launch);
  const [place = "", title = "", ...styledRows] = await client.run(
    inTurn(
      command("display-message", "-p", "-t", pane.paneId, "#{cursor_x} #{cursor_y} #{pane_width} #{pane_height}"),
      command("display-message", "-p", "-t", pane.paneId, "#{pane_title}"),
      command("capture-pane", "-p", "-e", "-t", pane.paneId),
    ),
  );
  const [column, row, width, height] = place.split(" ").map(Number);
  return {
    rows: styledRows.map((each) => each.replace(ESCAPES, "").trimEnd()),
    styledRows: wholeStyles(styledRows),
    cursor: { column: column ?? 0, row: row ?? 0 },
    size: width && height ? { columns: width, rows: height } : null,
    title: title === "" ? null : title,
    isPasteBracketed: pane.isBracketed,
  };
}

/** What `capture-pane -e` writes: colours (CSI), links and character sets. */
const ESCAPES = /\u001b(?:\[[0-9;:]*[A-Za-z]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][A-Za-z0-9])|[\u000e\u000f]/g;

/** Presses keys, after leaving copy mode. A character is sent literally and never taken for a key's name. */
export async function sendKeys(desk: Desk, launch: Launch, keys: readonly Key[]): Promise<void> {
  const { client, pane } = await terminalOf(desk, launch);
  const presses = keys.map((key) =>
    typeof key === "string"
      ? command("send-keys", "-t", pane.paneId, key)
      : command("send-keys", "-l", "-t", pane.paneId, "--", key.char),
  );
  await client.run(inTurn(command("copy-mode", "-q", "-t", pane.paneId), ...presses));
}

async function terminalOf(desk: Desk, launch: Launch) {
  const found = await desk.paneOf(launch);
  if (found === undefined) throw new AoError("UNAVAILABLE", `the terminal of ${launch.sessionId} is gone`);
  return found;
}
