import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { lastWords } from "@agent-orchestrator/core/observe/process";
import type { CheckRow, GivenText } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { checkRows } from "../sessions/check-rows.ts";
import { givenTexts } from "../sessions/given-texts.ts";
import { noteLook, sessionOf, viewOf } from "./shared/find.ts";

/** One session and its latest output. `isLook`: a person reads the answer. What only needed a look has had it then. */
export const request = defineRequest({
  access: "own",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string(), prompt: z.boolean().optional(), isLook: z.boolean().optional() }),
}).returns<SessionView & { prompt?: GivenText[]; lastOutput?: string; checks?: CheckRow[] }>(
  async (app, wanted, call) => {
    const record = await sessionOf(app, wanted.session, call);
    const view = viewOf(app, record.id);
    if (wanted.isLook === true) noteLook(app, record, call);
    if (wanted.prompt === true) {
      return { data: { ...view, prompt: givenTexts(app.world.paths(record).sessionDir) } };
    }
    const checks = record.pr.snapshot === null ? {} : { checks: checkRows(app, record) };
    const handle = record.launch.last?.handle;
    if (handle === null || handle === undefined) return { data: { ...view, ...checks } };
    const runtime = await app.world.plugins(record).runtime();
    const lastOutput =
      record.launch.last?.exit?.lastOutput ??
      (await lastWords(runtime, handle, { clock: app.world.clock, signal: call.signal }));
    return { data: { ...view, ...checks, ...(lastOutput === null ? {} : { lastOutput }) } };
  },
);
