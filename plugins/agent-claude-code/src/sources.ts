import { repositoryWork } from "@agent-orchestrator/agent-kit/repository-work";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import type { AskBook } from "./hooks/asks.ts";
import { type HookEvent, hooksAfter } from "./hooks/events.ts";
import { findTranscript, transcriptPath } from "./launch/conversation.ts";
import type { LaunchNote } from "./launch/note.ts";
import { dialogFrom } from "./screen/dialog.ts";
import type { Seen } from "./screen/screen.ts";
import type { Signals } from "./signals.ts";
import { type StatusFile, statusOf } from "./status.ts";
import type { Teller } from "./teller.ts";
import type { Folded } from "./transcript/fold.ts";
import type { TranscriptEvent } from "./transcript/line.ts";
import { type ReceiptDesk, timeOr } from "./transcript/receipts.ts";
import type { Tail } from "./transcript/tail.ts";
import { bookReading } from "./transcript/usage.ts";

export interface WatchOptions {
  session: Session;
  note: LaunchNote;
  terminal: AgentTerminal | null;
  /** After this long at its prompt the agent is idle. */
  readyThresholdMs(): number;
  emit(fact: AgentFact): void;
  clock: Clock;
  log: Log;
}

/** What is known of one session, for what its sources say next. */
export interface Board {
  readonly options: WatchOptions;
  readonly signals: Signals;
  readonly asks: AskBook;
  readonly receipts: ReceiptDesk;
  readonly tail: Tail;
  readonly teller: Teller;
  /** Weighs all signals again, with these. */
  change(part: Partial<Signals>): void;
  /** Asks the status file to be read soon. */
  pokeStatus(): void;
  /** Reads the open dialog from the screen. */
  readDialog(): void;
  lookAtScreen(): void;
}

/** Null: there is no status file, yet or any more. */
export function onStatus(board: Board, file: StatusFile | null): void {
  const { signals, options, tail } = board;
  const status = file === null ? null : statusOf(file);
  if (file === null || status === null) {
    if (signals.status !== null) board.change({ status: null });
    board.lookAtScreen();
    return;
  }
  if (file.sessionId !== tail.conversation) turnTo(board, file.sessionId);
  if (JSON.stringify(signals.status) === JSON.stringify(status)) return;
  const start = status.state === "idle" ? signals.start : null; // It started working, so the prompt was taken.
  const waitedMs = status.state === "waiting" ? options.clock.now() : signals.waitedMs;
  board.change({ status, start, screen: null, waitedMs });
  if (status.state === "waiting") board.readDialog();
}

export function onHook(board: Board, event: HookEvent): void {
  const { payload, name } = event;
  const id = payload.session_id;
  if (name === "SessionStart" && id !== undefined) turnTo(board, id, payload.transcript_path);
  // Programs that the agent starts have their own hooks. Ignore other conversations.
  else if (id !== undefined && id !== board.tail.conversation) return;
  board.tail.poke();
  board.pokeStatus();
  if (name === "UserPromptSubmit") board.receipts.take("hook", payload.prompt ?? "", event.at);
  if (name === "StatusLine") onReading(board, payload.cost?.total_cost_usd);
  else if (name === "PermissionRequest") {
    board.asks.add(event);
    board.change({ asks: board.asks.open(), dialog: null });
    board.readDialog();
  } else board.change({ hooks: hooksAfter(board.signals.hooks, event) });
}

/** Dollars, as the status line shows them. */
function onReading(board: Board, reading: number | undefined): void {
  if (reading === undefined) return;
  const { tail, options } = board;
  const { conversation, ledger } = tail;
  tail.ledger = bookReading(ledger, { launch: options.session.launch, conversation, reading });
  board.change({});
}

/** Counts only in the absence of a status file. */
export function onScreen(board: Board, seen: Seen): void {
  const { signals, options } = board;
  if (signals.status !== null) return;
  const before = signals.screen;
  const isSame = before?.shows === seen.shows;
  const screen = { shows: seen.shows, atMs: isSame ? before.atMs : options.clock.now() };
  const dialog = seen.shows === "dialog" ? dialogFrom(signals, seen) : null;
  if (!isSame || dialog?.id !== signals.dialog?.id) board.change({ screen, dialog });
}

/** One event of the transcript. `before` is what the transcript said until then. */
export function onTranscript({ options, receipts, teller }: Board, event: TranscriptEvent, before: Folded): void {
  if (event.kind === "prompt") receipts.take("prompt", event.text, event.at);
  else if (event.kind === "enqueued") receipts.take("queue", event.text, event.at);
  else if (event.kind === "turn-ended") {
    if (before.queued === 0) receipts.turnEnded();
    teller.turnEndedWithin(Date.parse(event.at));
  } else if (event.kind === "tool-ended") {
    const tool = before.open.find((each) => each.id === event.id);
    const what = tool?.name === "Bash" ? repositoryWork(tool.what) : null;
    if (what !== null) options.emit({ kind: "repository-changed", at: timeOr(event.at, options.clock), what });
    teller.progressed(`${tool?.name ?? "a tool"} ended`);
  } else if (event.kind === "answered" || event.kind === "tool-begun") teller.progressed("its transcript grew");
}

function turnTo({ options, tail }: Board, conversation: string, path?: string): void {
  const { configDir, cwd } = options.note;
  const isSame = conversation === tail.conversation;
  const found = path ?? (isSame ? tail.path : findTranscript(configDir, conversation));
  tail.turnTo(conversation, found ?? transcriptPath(configDir, cwd, conversation));
}
