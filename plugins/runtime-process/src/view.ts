import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { TerminalEvents, TerminalView } from "@agent-orchestrator/core/slots/terminal-view";
import { connectRunner, type RunnerClient } from "./client.ts";
import type { Run } from "./layout.ts";
import type { RunnerEvent } from "./wire.ts";

/**
 * What the runner shows to whoever only looks. A picture is the newest output once more. One connection keeps it in order with what
 * follows. If the runner drops us because we read too slowly, the next picture connects again.
 */
export async function viewRun(run: Run, events: TerminalEvents): Promise<TerminalView> {
  let client: RunnerClient | null = null;
  let isOver = false;
  const hear = (event: RunnerEvent): void => {
    if (isOver) return;
    if (event.ev === "data") events.onOutput(shown(run, event.bytes));
    else if (event.ev === "picture") {
      const { columns, rows } = event;
      events.onPicture({ bytes: shown(run, event.bytes), size: { columns, rows } });
    } else if (event.ev === "size") events.onGap();
    else if (event.ev === "exit") {
      isOver = true;
      events.onEnd();
    }
  };
  const lost = (): void => {
    client = null;
    if (!isOver) events.onGap();
  };
  async function connected(): Promise<RunnerClient> {
    client ??= await connectRunner(run.socket, { onEvent: hear, onClose: lost });
    return client;
  }
  await connected();
  return {
    async takePicture() {
      try {
        await (await connected()).call("look");
      } catch (error) {
        throw isAoError(error) && error.code === "FAILED" ? tooOld(run, error) : error;
      }
    },
    write: async (keys) => (await connected()).tell("input", { bytes: Buffer.from(keys).toString("base64") }),
    async resize(size) {
      if (size !== null) (await connected()).tell("resize", size);
      else client?.close(); // Who has left has no size. The next picture connects again.
    },
    async close() {
      isOver = true;
      client?.close();
    },
  };
}

/** A program without a terminal ends its lines as in a file. */
function shown({ hasTerminal }: Run, base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  return hasTerminal ? bytes : Buffer.from(bytes.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
}

const tooOld = ({ sessionId }: Run, cause: unknown): AoError =>
  new AoError("UNAVAILABLE", `${sessionId} was started by an older ao, which cannot show it here`, {
    hint: `Run \`ao kill ${sessionId}\`, then \`ao restore ${sessionId}\`.`,
    cause,
  });
