import { oneLine } from "@agent-orchestrator/core/model/text";
import { RpcError } from "./peer.ts";

/** The text of an agent's error, with the detail that many agents put next to a general message. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof RpcError)) return oneLine(error instanceof Error ? error.message : String(error), 300);
  const { data } = error;
  const detail =
    typeof data === "string"
      ? data
      : ((Object(data) as Record<string, unknown>).details ?? (Object(data) as Record<string, unknown>).message);
  const words =
    typeof detail === "string" && detail !== "" && !error.message.includes(detail)
      ? `${error.message}: ${detail}`
      : error.message;
  return oneLine(words, 300);
}

/** A request that was malformed or unknown. The agent did not process its content. */
export const isRefused = (error: unknown): boolean =>
  error instanceof RpcError && [-32700, -32600, -32601, -32602, -32002, -32000].includes(error.code);

const LIMIT = /usage limit|limit reached|limit (?:will )?resets?/i;

/** What the vendor itself calls a usage limit, as far as words tell. A spent balance is none: it ends only when the user adds credit. */
export const isUsageLimit = (trouble: string): boolean => LIMIT.test(trouble);
