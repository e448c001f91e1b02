import { toIso } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { TerminalEvents, TerminalPicture, TerminalView } from "@agent-orchestrator/core/slots/terminal-view";
import { command, inTurn } from "./command-quoting.ts";
import { type Desk, keyOf } from "./desk.ts";
import type { Launch } from "./naming.ts";
import type { Pane } from "./panes.ts";
import { holdSize, release } from "./sizes.ts";
import { wholeStyles } from "./whole-style.ts";

/** The keys of one command. */
const KEYS_AT_ONCE = 256;
const DEADLINE_MS = 10_000;

/** What the one connection to tmux hears of this pane. No client is attached, and nothing is asked unless a picture is wanted. */
export async function view(desk: Desk, launch: Launch, events: TerminalEvents): Promise<TerminalView> {
  const pane = await paneOf(desk, launch);
  let isHeld = false;
  const stops = [
    desk.listen((paneId, text) => {
      if (paneId === pane.paneId) events.onOutput(bytesOf(text));
    }),
    listenForGaps(desk, pane, () => events.onGap()),
    desk.watches.add(launch.key, (fact) => {
      if (fact.kind === "exit" || fact.kind === "lost") events.onEnd();
    }),
  ];
  const giveBack = async () => {
    const found = isHeld ? await desk.paneOf(launch) : undefined;
    isHeld = false;
    if (found !== undefined) await release(found.client, launch.name);
  };
  const client = async () => (await mustFind(desk, launch)).client;
  return {
    async takePicture(scrollback) {
      const answers: string[][] = [];
      const hear = (lines: string[]) => {
        answers.push(lines);
        if (answers.length === 2) events.onPicture(pictureOf(pane, answers));
      };
      await (await client()).run(askPicture(pane, scrollback), DEADLINE_MS, hear);
    },
    async write(keys) {
      const hex = [...keys].map((key) => key.toString(16).padStart(2, "0"));
      const at = await client();
      await at.run(command("copy-mode", "-q", "-t", pane.paneId));
      for (let begin = 0; begin < hex.length; begin += KEYS_AT_ONCE) {
        await at.run(command("send-keys", "-H", "-t", pane.paneId, ...hex.slice(begin, begin + KEYS_AT_ONCE)));
      }
      desk.watches.tell(keyOf(pane), { kind: "human-input", at: toIso(desk.context.clock.now()) });
    },
    async resize(size) {
      if (size === null) return await giveBack();
      isHeld = true;
      await holdSize(await client(), launch.name, size);
    },
    async close() {
      for (const stop of stops) stop();
      await giveBack().catch(() => undefined); // The connection has ended, and the next one gives it back.
    },
  };
}

async function mustFind(desk: Desk, launch: Launch) {
  const found = await desk.paneOf(launch);
  if (found === undefined) throw new AoError("UNAVAILABLE", `the terminal of ${launch.sessionId} is gone`);
  return found;
}

const paneOf = async (desk: Desk, launch: Launch): Promise<Pane> => (await mustFind(desk, launch)).pane;

function listenForGaps(desk: Desk, { paneId, windowId }: Pane, onGap: () => void): () => void {
  const listener = (id: string | null): void => {
    if (id === null || id === paneId || id === windowId) onGap();
  };
  desk.gaps.add(listener);
  return () => desk.gaps.delete(listener);
}

/** tmux writes control characters and backslashes in octal, and every other byte as it is. */
export const bytesOf = (text: string): Buffer =>
  Buffer.from(
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    "latin1",
  );

const STATE = [
  ...["pane_width", "pane_height", "cursor_x", "cursor_y", "cursor_flag", "alternate_on", "insert_flag", "wrap_flag"],
  ...["keypad_cursor_flag", "keypad_flag", "origin_flag", "scroll_region_upper", "scroll_region_lower"],
  ...["mouse_standard_flag", "mouse_button_flag", "mouse_all_flag", "mouse_sgr_flag"],
] as const;

function askPicture({ paneId }: Pane, scrollback: number): string {
  const state = STATE.map((name) => `#{${name}}`).join(" ");
  return inTurn(
    command("display-message", "-p", "-t", paneId, state),
    command("capture-pane", "-p", "-e", "-S", scrollback > 0 ? `-${scrollback}` : "0", "-t", paneId),
  );
}

type State = Record<(typeof STATE)[number], number>;

function pictureOf({ isBracketed }: Pane, [first = [], rows = []]: string[][]): TerminalPicture {
  const values = (first[0] ?? "").split(" ").map(Number);
  const state = Object.fromEntries(STATE.map((name, index) => [name, values[index] ?? 0])) as State;
  const { pane_width: columns, pane_height: height } = state;
  const isAlternate = state.alternate_on === 1;
  // A full-screen program has no lines above its screen.
  const shown = wholeStyles(isAlternate ? rows.slice(-height) : rows).map((row) => `${row}\u001b[0m`);
  const text = `${isAlternate ? "\u001b[?1049h" : ""}${shown.join("\r\n")}${restored(state, isBracketed)}`;
  return { bytes: Buffer.from(text), size: { columns, rows: height } };
}

/** The modes that the program turned on, and the cursor. */
function restored(state: State, isBracketed: boolean | null): string {
  const { scroll_region_upper: upper, scroll_region_lower: lower, pane_height: height } = state;
  const region = upper === 0 && lower === height - 1 ? "" : `\u001b[${upper + 1};${lower + 1}r`;
  const mode = (number: number, isOn: boolean) => (isOn ? `\u001b[?${number}h` : "");
  const row = state.cursor_y + 1 - (state.origin_flag === 1 ? upper : 0);
  return [
    region,
    mode(6, state.origin_flag === 1),
    `\u001b[${row};${state.cursor_x + 1}H`,
    state.cursor_flag === 0 ? "\u001b[?25l" : "",
    state.wrap_flag === 0 ? "\u001b[?7l" : "",
    state.insert_flag === 1 ? "\u001b[4h" : "",
    mode(1, state.keypad_cursor_flag === 1),
    state.keypad_flag === 1 ? "\u001b=" : "",
    mode(1000, state.mouse_standard_flag === 1),
    mode(1002, state.mouse_button_flag === 1),
    mode(1003, state.mouse_all_flag === 1),
    mode(1006, state.mouse_sgr_flag === 1),
    mode(2004, isBracketed === true),
  ].join("");
}
