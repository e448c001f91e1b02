import { z } from "zod";
import type { Handler } from "../app.ts";
import { examine } from "../doctor/examine.ts";

export const params = z.object({});

export const run: Handler<"doctor"> = async (app, _wanted, call) => ({ data: await examine(app, call.caller) });
