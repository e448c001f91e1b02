import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { AttachInfo } from "@agent-orchestrator/core/slots/runtime";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { noteAttended, noteLook, sessionOf } from "./shared/find.ts";

/** The argv that shows this session's terminal in the caller's. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsTerminal: true,
  params: z.object({ session: z.string() }),
}).returns<{
  argv: string[];
  env: Record<string, string>;
  detachHint: string;
  detachKeys?: string[];
  title: string;
}>(async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  const info = await attachInfoOf(app, record);
  noteLook(app, record, call);
  noteAttended(app, record, call);
  return {
    data: {
      argv: info.argv,
      env: info.env ?? {},
      detachHint: info.detachHint,
      ...(info.detachKeys === undefined ? {} : { detachKeys: info.detachKeys }),
      title: record.task.issue?.title ?? record.id,
    },
  };
});

/** Throws UNAVAILABLE if it has no terminal now. */
export async function attachInfoOf(app: App, record: SessionRecord): Promise<AttachInfo> {
  const handle = record.launch.last?.handle;
  if (handle === null || handle === undefined || record.ending?.status === "killed") {
    throw new AoError("UNAVAILABLE", `${record.id} has no running terminal (${record.status})`, {
      hint: `Run \`ao restore ${record.id}\` to start it again, or \`ao show ${record.id}\` for its last output.`,
    });
  }
  const runtime = await app.world.plugins(record).runtime();
  if (runtime.getAttachInfo === undefined) {
    throw new AoError("UNAVAILABLE", `the runtime ${record.runtime} has no terminal to attach to`);
  }
  return await runtime.getAttachInfo(handle);
}
