import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Session } from "@agent-orchestrator/core/slots/common";
import type { OpenOptions, Terminal } from "@agent-orchestrator/core/slots/terminal";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { attachInfoOf } from "./attach.ts";
import { openDoor } from "./dashboard.ts";
import { noteAttended, sessionOf } from "./shared/find.ts";

/** Opens a session, those of a project, or all that have a terminal, with the terminal plugin of each project. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsTerminal: true,
  params: z.object({ target: z.string() }),
}).returns<{ opened: string[] }>(async (app, { target }, call) => {
  const { sessions, projects } = app.engine.state;
  const isProject = Object.values(projects).some(({ projectId }) => projectId === target);
  if (target !== "all" && !isProject) {
    const record = await sessionOf(app, target, call);
    const terminal = await terminalOf(app, record);
    await terminal.openSession(app.world.pluginSession(record), optionsFor(app, call));
    noteAttended(app, record, call);
    return { data: { opened: [record.id] } };
  }
  const wanted = Object.values(sessions).filter(
    (record) => hasTerminal(record) && (target === "all" || record.projectId === target),
  );
  if (wanted.length === 0) throw new AoError("NOT_FOUND", "there is no session to open");
  await openEach(app, wanted, call);
  return { data: { opened: wanted.map(({ id }) => id) } };
});

const hasTerminal = ({ ending, launch }: SessionRecord): boolean =>
  ending === null && (launch.last?.handle ?? null) !== null;

/** Each terminal opens all of its sessions at once, so that they share a window if it can. */
async function openEach(app: App, records: readonly SessionRecord[], call: Call): Promise<void> {
  const byTerminal = new Map<Terminal, Session[]>();
  for (const record of records) {
    const terminal = await terminalOf(app, record);
    byTerminal.set(terminal, [...(byTerminal.get(terminal) ?? []), app.world.pluginSession(record)]);
  }
  for (const [terminal, sessions] of byTerminal) await terminal.openAll(sessions, optionsFor(app, call));
}

async function terminalOf(app: App, record: SessionRecord): Promise<Terminal> {
  const project = app.world.project(record);
  if (project !== null) return await app.world.projectPlugins(project).terminal();
  throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`, {
    hint: `Attach by hand: \`ao attach ${record.id}\`.`,
  });
}

function optionsFor(app: App, call: Call): OpenOptions {
  return {
    env: call.caller.env ?? {},
    signal: call.signal,
    async attach({ id }) {
      const record = await sessionOf(app, id, call);
      const { argv, env = {} } = await attachInfoOf(app, record);
      return { argv, env };
    },
    async page(session) {
      await openDoor(app, call);
      return app.door.newLink(session === null ? "/" : `/s/${session.id}`);
    },
  };
}
