import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { keptFile } from "@agent-orchestrator/agent-kit/kept";
import { z } from "zod";
import { openAsks, releaseAsk } from "./asks.ts";
import type { HookEvent } from "./hooks.ts";
import type { Ask } from "./signals.ts";

const Kept = z.looseObject({
  pid: z.number(),
  atMs: z.number(),
  tool: z.string(),
  input: z.unknown().optional(),
  agent: z.string().nullable().catch(null),
  suggestions: z.array(z.unknown()),
});

const keptAsk = (path: string) => keptFile<Omit<Ask, "input"> & { input?: unknown }>(path, Kept, { isDurable: false });

/** Requests that wait at their pipes, stored next to them, so that a restarted daemon finds the dialog that is still open. */
export interface AskBook {
  /** Oldest first. */
  open(): Ask[];
  add(event: HookEvent): Ask;
  /** It was answered, here or in the terminal, so its hook may end. */
  settle(ask: Ask): void;
}

export function askBook(dir: string): AskBook {
  let asks = load(dir);
  const noteOf = (pid: number) => keptAsk(join(dir, `${pid}.json`));
  return {
    open: () => asks,
    add({ pid, at, payload }) {
      const { tool_name: tool = "a tool", tool_input: input, permission_suggestions: suggestions = [] } = payload;
      const ask: Ask = { pid, atMs: Date.parse(at), tool, input, agent: payload.agent_id ?? null, suggestions };
      noteOf(pid).write(ask);
      asks = [...asks.filter((each) => each.pid !== pid), ask].sort((a, b) => a.atMs - b.atMs);
      return ask;
    },
    settle(ask) {
      asks = asks.filter((each) => each !== ask);
      releaseAsk(dir, ask.pid);
      rmSync(join(dir, `${ask.pid}.json`), { force: true });
    },
  };
}

function load(dir: string): Ask[] {
  const waiting = new Set(openAsks(dir));
  const asks: Ask[] = [];
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    if (!name.endsWith(".json")) continue;
    const kept = keptAsk(join(dir, name)).read();
    if (kept !== null && waiting.has(kept.pid)) asks.push({ ...kept, input: kept.input });
    else rmSync(join(dir, name), { force: true });
  }
  return asks.sort((a, b) => a.atMs - b.atMs);
}
