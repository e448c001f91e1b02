import type { Notice } from "./wording.ts";

/** One desktop's way to show a notice. */
export interface Sender {
  /** Throws UNAVAILABLE when the notice cannot have been seen. */
  send(notice: Notice, signal?: AbortSignal): Promise<void>;
  check(): Promise<{ ok: boolean; text: string; hint?: string }>;
}
