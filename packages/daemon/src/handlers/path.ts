import { z } from "zod";
import type { Handler } from "../app.ts";
import { folderOf, sessionOf } from "./find.ts";

export const params = z.object({ session: z.string() });

export const run: Handler<"path"> = async (app, wanted, call) => ({
  data: { path: folderOf(await sessionOf(app, wanted.session, call)) },
});
