import { join } from "node:path";
import { readText } from "@agent-orchestrator/core/host/files";
import { lastWords } from "@agent-orchestrator/core/observe/process";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf, viewOf } from "./find.ts";

export const params = z.object({ session: z.string(), prompt: z.boolean().optional() });

export const run: Handler<"show"> = async (app, wanted, call) => {
  const record = sessionOf(app, wanted.session);
  const view = viewOf(app, record.id);
  if (wanted.prompt === true) {
    const file = join(app.world.paths(record).sessionDir, "prompt.md");
    return { data: { ...view, prompt: readText(file, { maxBytes: 1024 * 1024 }) ?? "" } };
  }
  const handle = record.launch?.handle;
  if (handle === null || handle === undefined) return { data: view };
  const runtime = await app.world.plugins(record).runtime();
  const asked = { clock: app.world.clock, signal: call.signal };
  const lastOutput = record.launch?.exit?.lastOutput ?? (await lastWords(runtime, handle, asked));
  return { data: lastOutput === null ? view : { ...view, lastOutput } };
};
