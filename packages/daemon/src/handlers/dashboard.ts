import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { type DoorState, USUAL_PORT } from "../door/door.ts";

export interface DashboardResult {
  /** Logs one browser in, once, within a minute. Null after `close` and `revoke`. */
  link: string | null;
  /** Null: it is closed. */
  port: number | null;
  /** The port that was asked for. */
  wanted: number;
  /** Logins that `revoke` ended. */
  revoked: number;
  /** Whether the page is part of this build. */
  hasPage: boolean;
}

/** Opens the dashboard's port and makes a one-time link. `revoke` ends all logins, `close` closes the port unless a config wants it. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsTerminal: true,
  needsEnv: false,
  params: z.object({ revoke: z.boolean().optional(), close: z.boolean().optional() }),
}).returns<DashboardResult>(async (app, { revoke, close }, call) => {
  const wanted = await portOf(app, call);
  const revoked = revoke === true ? app.door.revoke() : 0;
  if (close === true) await app.door.close();
  const hasPage = app.door.hasPage();
  if (close === true || revoke === true) {
    return { data: { link: null, port: app.door.state()?.port ?? null, wanted, revoked, hasPage } };
  }
  const state = await openDoor(app, call);
  return { data: { link: app.door.newLink(), port: state.port, wanted: state.wanted, revoked, hasPage } };
});

/** Opens it on the caller's port, if it is closed. */
export async function openDoor(app: App, call: Call): Promise<DoorState> {
  try {
    return await app.door.open(await portOf(app, call));
  } catch (error) {
    throw new AoError("UNAVAILABLE", `the dashboard has no port: ${toAoError(error).message}`, {
      hint: "Set another `port:` in your config.",
      cause: error,
    });
  }
}

/** That of the caller's config, else of any. */
async function portOf(app: App, { caller }: Call): Promise<number> {
  const here = await app.configs.look(caller).catch(() => null); // In a folder without a config, another one's port will do.
  return (here ?? app.configs.all()[0])?.port ?? USUAL_PORT;
}
