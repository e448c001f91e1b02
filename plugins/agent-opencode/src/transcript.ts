import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import { endOfText } from "@agent-orchestrator/agent-kit/text-end";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { z } from "zod";
import { readRecord } from "./launch/record.ts";
import { type ReachOptions, reach } from "./server/reach.ts";
import { Message } from "./server/wire.ts";

const EXPORT_MS = 30_000;
const EXPORT_BYTES = 64 * 1024 * 1024;
const TOOL_CHARS = 300;

/** The end of the conversation as plain text, from the server while it runs, else from OpenCode's own export. Null if there is none. */
export async function transcript(
  session: Session,
  { maxBytes, ...options }: ReachOptions & { maxBytes: number },
): Promise<string | null> {
  const record = readRecord(session.sessionDir);
  if (record === null || record.conversation === null) return null;
  const messages = (await fromServer(session, options)) ?? (await fromExport(record.conversation, record));
  return messages === null ? null : endOfText(textOf(messages), maxBytes);
}

async function fromServer(session: Session, options: ReachOptions): Promise<Message[] | null> {
  try {
    const { server, record } = await reach(session, options);
    return await server.get(`/session/${record.conversation}/message`, z.array(Message), { timeoutMs: EXPORT_MS });
  } catch {
    return null; // It is not running. Its export has the same content.
  }
}

/** Always with an id, because without one the program waits for a choice. */
async function fromExport(
  conversation: string,
  { program, places, directory }: { program: string; places: Record<string, string>; directory: string },
): Promise<Message[] | null> {
  const { stdout } = await exec(program, ["export", conversation], {
    cwd: directory,
    env: places,
    timeoutMs: EXPORT_MS,
    maxBytes: EXPORT_BYTES,
  });
  const parsed = z.looseObject({ messages: z.array(Message) }).safeParse(parseJson(stdout.slice(stdout.indexOf("{"))));
  return parsed.success ? parsed.data.messages : null;
}

export function textOf(messages: readonly Message[]): string {
  const blocks = messages.flatMap(({ info, parts }) =>
    parts.flatMap((part) => {
      if (part.type === "text" && part.synthetic !== true) {
        const text = cleanForTerminal(part.text ?? "").trim();
        return text === "" ? [] : [`${info.role === "user" ? "User" : "Agent"}: ${text}`];
      }
      if (part.type !== "tool") return [];
      const input = cleanForTerminal(JSON.stringify(part.state?.input ?? {}));
      return [`[${part.tool ?? "tool"} ${input.length > TOOL_CHARS ? `${input.slice(0, TOOL_CHARS)}…` : input}]`];
    }),
  );
  return blocks.join("\n\n");
}
