import { inStatusOrder } from "@agent-orchestrator/core/decide/status-order";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { liveView } from "./shared/find.ts";
import { isQuietlyOver, statusMeta } from "./shared/status-rows.ts";

const params = z.object({
  project: z.string().optional(),
  all: z.boolean().optional(),
  isWatching: z.boolean().optional(),
  /** A person reads the answer. */
  isHere: z.boolean().optional(),
  /** With `all`: which page of those that were archived a while ago. Sessions in memory are on the first. */
  page: z.number().int().min(1).optional(),
});

type Params = z.infer<typeof params>;

/** The sessions, most urgent first. With `isWatching`, one item per change until the caller disconnects. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params,
}).returns<SessionView[], StatusMeta>(async (app, wanted, call) => {
  requireKnown(app, wanted.project);
  const away = wanted.isHere === true ? { away: app.presence.away() } : {};
  if (wanted.isHere === true) app.presence.note();
  if (wanted.isWatching === true) {
    const leave = app.world.addWatcher(call.ring);
    try {
      await watch(app, wanted, call);
    } finally {
      leave();
    }
  }
  await app.channels.confirm();
  const { page = 1 } = wanted;
  const data = page === 1 ? rows(app, wanted) : [];
  if (wanted.all !== true) return { data, meta: { ...statusMeta(app), ...away } };
  const { records, failures, pages, total } = await app.archive.page({ project: wanted.project, page });
  const lost = failures.map(({ message, hint = "" }) => ({ level: "warning" as const, text: message, hint }));
  const meta = statusMeta(app);
  return {
    data: [...data, ...records.map((record) => liveView(app, record))],
    meta: { ...meta, notices: [...meta.notices, ...lost], archive: { page, pages, total } },
  };
});

async function watch(
  app: App,
  wanted: Params,
  call: { item(data: unknown): void; signal: AbortSignal },
): Promise<void> {
  const send = () => call.item({ data: rows(app, wanted), meta: statusMeta(app) });
  /** Many changes in a short time become one update. */
  const sendAfter = (ms: number) => {
    let isWaiting = false;
    return () => {
      if (isWaiting) return;
      isWaiting = true;
      app.world.clock.sleep(ms, call.signal).then(
        () => {
          isWaiting = false;
          send();
        },
        () => undefined, // hung up
      );
    };
  };
  const subscriptions = [app.engine.onCommit(sendAfter(50)), app.world.setUps.onShow(sendAfter(1_000))];
  send();
  await new Promise<void>((resolve) => {
    if (call.signal.aborted) resolve();
    call.signal.addEventListener("abort", () => resolve());
  });
  for (const unsubscribe of subscriptions) unsubscribe();
}

function rows(app: App, { project, all }: Params): SessionView[] {
  const shown = Object.values(app.engine.state.sessions)
    .filter((record) => project === undefined || record.projectId === project)
    .filter((record) => all === true || !isQuietlyOver(record));
  return inStatusOrder(shown).map((record) => liveView(app, record));
}

function requireKnown(app: App, project: string | undefined): void {
  if (project === undefined) return;
  const isKnown =
    Object.values(app.engine.state.projects).some(({ projectId }) => projectId === project) ||
    app.configs.projectIds().includes(project);
  if (!isKnown)
    throw new AoError("NOT_FOUND", `no project ${project}`, { hint: "Run `ao status` to see all projects." });
}
