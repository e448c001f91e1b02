import { join } from "node:path";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { newId } from "@agent-orchestrator/core/host/ids";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import { isReadingKeyboard } from "@agent-orchestrator/plugin-kit/keyboard";
import { chooseWay, fileLine } from "@agent-orchestrator/plugin-kit/message";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { baseEnv } from "./base.ts";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { type Desk, keyOf } from "./desk.ts";
import { isRawTerminal } from "./keyboard.ts";
import { messageCommand } from "./message.ts";
import type { Launch } from "./naming.ts";
import type { Pane } from "./panes.ts";
import { probePasteMode } from "./paste-probe.ts";
import { untilReady } from "./readiness.ts";
import { typeMessage } from "./typing.ts";

/** Writes one message and one Enter, once per id. */
export async function deliver(
  desk: Desk,
  launch: Launch,
  { message, options }: { message: string; options: SendOptions },
): Promise<void> {
  const found = await desk.paneOf(launch).catch(nothingWritten);
  if (found === undefined || !runs(desk, launch)) throw goneError(launch);
  const { client, pane } = found;
  if (!(await settle(desk, { client, pane }, options.signal))) throw goneError(launch);
  await inTurn(pane, () => write(desk, launch, { found, message: cleanMessage(message), options }));
}

const turns = new WeakMap<Pane, Promise<unknown>>();

/** Writes one message after another, so that nothing gets between the pieces of one that is typed. */
function inTurn<T>(pane: Pane, task: () => Promise<T>): Promise<T> {
  const result = (turns.get(pane) ?? Promise.resolve()).then(task);
  turns.set(
    pane,
    result.catch(() => undefined), // Its own caller gets the error.
  );
  return result;
}

interface Writing {
  found: { client: ControlClient; pane: Pane };
  message: string;
  options: SendOptions;
}

async function write(desk: Desk, launch: Launch, { found, message: text, options }: Writing): Promise<void> {
  const { client, pane } = found;
  const id = options.id ?? newId();
  await client.mustAnswer().catch(nothingWritten);
  if (options.paste === "typed") {
    if ((await typeMessage({ client, pane, clock: desk.context.clock }, { id, text, options })) === "dead")
      throw goneError(launch);
    return;
  }
  const isBracketed = await pasteMode(desk, { client, pane });
  const way = options.paste ?? launch.paste ?? chooseWay(text, isBracketed);
  const written = way === "file" ? fileLine(writeMessageFile(desk, launch, { id, text })) : text;
  options.signal?.throwIfAborted();
  const wanted = messageCommand({ paneId: pane.paneId, id, text: written, way, isBracketed });
  failpoint("message.before");
  const [outcome] = await client.run(wanted).catch(asUnconfirmed);
  failpoint("message.written");
  if (outcome === "dead") throw goneError(launch);
  if (outcome !== "written" && outcome !== "already")
    throw new AoError("FAILED", `tmux answered: ${outcome ?? "nothing"}`);
}

function nothingWritten(cause: unknown): never {
  if (!isAoError(cause) || cause.code !== "UNREACHABLE") throw cause;
  throw new AoError("TRY_AGAIN", "tmux is not responding, so nothing was written", {
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    cause,
  });
}

/** tmux may have it, and may still write it. */
function asUnconfirmed(error: unknown): never {
  if (!isAoError(error) || error.code !== "UNREACHABLE") throw error;
  throw new AoError("UNCONFIRMED", "tmux stopped responding while the message was written", { cause: error });
}

/** Waits until a program that was just started accepts messages. False if it ended first. */
export async function settle(
  desk: Desk,
  { client, pane }: { client: ControlClient; pane: Pane },
  signal?: AbortSignal,
): Promise<boolean> {
  if (pane.isReady) return true;
  const { clock } = desk.context;
  const agentPid = (): number | undefined => desk.records.readPid(keyOf(pane))?.agent.pid;
  const probe = {
    clock,
    isRaw: () => isRawTerminal(pane.tty, baseEnv(desk.context)),
    isReadingKeyboard: () => {
      const pid = agentPid();
      return pid !== undefined && isReadingKeyboard(pid);
    },
    isAlive: () => runs(desk, { key: keyOf(pane) }),
  };
  if (!(await untilReady(pane, probe, signal))) return false;
  if (!pane.isReady) {
    pane.isReady = true;
    desk.watches.tell(keyOf(pane), { kind: "ready", at: toIso(clock.now()) });
    await client.run(command("set-option", "-p", "-t", pane.paneId, "@ao_ready", "1"));
  }
  return true;
}

function runs(desk: Desk, launch: Pick<Launch, "key">): boolean {
  const record = desk.records.readPid(launch.key);
  return record !== null && isRunning(record.agent);
}

async function pasteMode(desk: Desk, { client, pane }: { client: ControlClient; pane: Pane }): Promise<boolean> {
  if (pane.isBracketed !== null) return pane.isBracketed;
  const probe = {
    client,
    clock: desk.context.clock,
    argv: desk.server.argv(),
    listen: (listener: (paneId: string, text: string) => void) => desk.listen(listener),
  };
  const seen = await probePasteMode(pane, probe);
  // What the program has printed since is newer.
  pane.isBracketed ??= seen;
  return pane.isBracketed ?? false;
}

function writeMessageFile(desk: Desk, launch: Launch, { id, text }: { id: string; text: string }): string {
  const dir = join(launch.sessionDir ?? join(desk.context.stateDir, "sessions", launch.name), "messages");
  const path = join(dir, `${id.replace(/[^A-Za-z0-9_-]/g, "_")}.md`);
  putFile(path, text.endsWith("\n") ? text : `${text}\n`);
  return path;
}

function goneError(launch: Launch): AoError {
  return new AoError("UNAVAILABLE", `the program of ${launch.sessionId} has ended`, {
    hint: `ao restore ${launch.sessionId} starts it again in the same conversation.`,
  });
}
