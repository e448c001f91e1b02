import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { folderOf, sessionOf } from "./shared/find.ts";

/** The folder of a session's checkout. */
export const request = defineRequest({
  access: "own",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string() }),
}).returns<{ path: string }>(async (app, wanted, call) => ({
  data: { path: folderOf(await sessionOf(app, wanted.session, call)) },
}));
