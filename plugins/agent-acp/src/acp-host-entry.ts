/**
 * The client of one ACP agent: `node acp-host-entry.js <spec file>`. It starts the agent, keeps the conversation, shows it on its
 * terminal, accepts what is typed there, and serves the daemon over a socket. It outlives the daemon and ends with the agent.
 */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { ReadStream, WriteStream } from "node:tty";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { type AgentEnd, startAgent } from "./host/agent-process.ts";
import { type Conversation, conversation } from "./host/conversation.ts";
import { recall } from "./host/memory.ts";
import { CannotReturn } from "./host/opening.ts";
import { keptText, noise } from "./host/output-files.ts";
import { painter } from "./host/paint.ts";
import { openPeer, troubleOf } from "./host/peer.ts";
import { publisher } from "./host/publish.ts";
import { openScreen, type Screen } from "./host/screen.ts";
import { Refusal, type Service, serve } from "./host/serve.ts";
import { transcript } from "./host/transcript.ts";
import { typedLines } from "./host/typed.ts";
import { openJournal, readJournal } from "./journal.ts";
import { journalFile, logFile, transcriptFile } from "./layout.ts";
import type { HostRequest, HostSpec } from "./wire.ts";

/** The time between TERM and KILL. */
const GRACE_MS = 5_000;

const spec = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as HostSpec;
const journalPath = journalFile(spec.dir);
const memory = recall(readJournal(journalPath, 0).entries);
const journal = openJournal(journalPath);
journal.add({ k: "begin", at: new Date().toISOString(), pid: process.pid });
for (const id of memory.waiting) journal.add({ k: "dropped", at: new Date().toISOString(), id });

let service: Service | null = null;
const typed = typedLines({ talk: () => talk, note: (text) => view.note(text), end: () => end("SIGTERM") });
const screen: Screen = openScreen(process.stdin as ReadStream, process.stdout as WriteStream, typed);
const kept = keptText(transcriptFile(spec.dir));
const view = transcript({
  print(lines) {
    kept.add(lines);
    screen.print(lines);
  },
  width: screen.width,
  paint: painter(process.stdout.isTTY === true && process.stdout.hasColors()),
});
const printed = noise(logFile(spec.dir), view.noise, () => talk.state().thread !== null);
const agent = startAgent(spec.argv, spec.cwd, {
  onMessage: (message) => peer.receive(message),
  onNoise: printed.take,
});
const peer = openPeer({
  send: agent.send,
  onNotification: (method, params) => talk.onNotification(method, params),
  onRequest: (method, params) => talk.onRequest(method, params),
});
const talk: Conversation = conversation({
  spec,
  peer: () => peer,
  journal,
  memory,
  view,
  clock: systemClock,
  onChange() {
    screen.setMark(typed.mark());
    told.changed();
  },
  onMoved: (what) => told.moved(what),
});
const told = publisher({
  state: talk.state,
  journalSize: journal.size,
  clock: systemClock,
  push: (event) => service?.push(event),
});

function answer(request: HostRequest): string {
  switch (request.op) {
    case "watch":
      return "watched";
    case "send":
      return talk.send(request.id, request.text);
    case "answer": {
      const { number, label, isAlways } = request;
      const trouble = talk.answer(request.dialog, { number, label, isAlways });
      if (trouble !== null) throw new Refusal(trouble);
      return "answered";
    }
    case "cancel":
      return talk.cancel() ? "cancelled" : "nothing runs";
  }
}

/** Our own exit status, for an end that the agent did not cause. */
let failure: number | null = null;
/** Why there is no conversation. */
let reason: string | null = null;
let isEnding = false;
function end(signal: NodeJS.Signals): void {
  agent.end(signal);
  if (isEnding) return;
  isEnding = true;
  setTimeout(() => agent.end("SIGKILL"), GRACE_MS).unref();
}

function leave({ code, signal, trouble }: AgentEnd): void {
  peer.close(new Error("the agent has ended"));
  if (trouble !== null) view.note(`The agent could not be started: ${trouble}`);
  else {
    view.note(`The agent has ended: ${signal ?? `exit ${code ?? "unknown"}`}`);
    // The last line is shown to people as the reason.
    const lines = code !== 0 && !isEnding ? printed.last() : [];
    for (const line of reason === null ? lines : [reason]) view.noise(line);
  }
  screen.close();
  service?.close();
  const status = trouble !== null ? 127 : (failure ?? code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  // Let what was said be sent.
  setTimeout(() => process.exit(status), 50);
}

process.on("uncaughtException", (error) => view.note(`ao: ${troubleOf(error)}`));
for (const name of ["SIGTERM", "SIGHUP"] as const) process.on(name, () => end("SIGTERM"));
process.on("SIGINT", () => void talk.cancel());
void agent.ended.then(leave);
if (spec.prompt !== null) talk.submit({ id: null, text: spec.prompt, from: "launch" });
service = await serve(spec.socket, { answer, now: told.now });
try {
  await talk.begin();
} catch (error) {
  if (error instanceof CannotReturn && error.isForGood && spec.resume !== null) {
    journal.add({ k: "lost", at: new Date().toISOString(), id: spec.resume });
  }
  reason = `No conversation: ${troubleOf(error)}`;
  failure = 1;
  end("SIGTERM");
}
