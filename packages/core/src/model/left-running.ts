import { z } from "zod";
import { Iso } from "./time.ts";

/** A process that a tool call started, and that runs on although the turn has ended. */
export const LeftProcess = z.looseObject({
  pid: z.number().int(),
  startId: z.string(),
  parent: z.number().int(),
  command: z.string(),
});
export type LeftProcess = z.infer<typeof LeftProcess>;

/** What the tool call of an ended turn left running. `since`: when the turn ended. */
export const LeftRunning = z.looseObject({ processes: z.array(LeftProcess), since: Iso });
export type LeftRunning = z.infer<typeof LeftRunning>;

/** A tool call that ran when its turn ended. Whether it left something running has not been looked at yet. */
export const CutTool = z.looseObject({ beganAt: Iso, endedAt: Iso });
export type CutTool = z.infer<typeof CutTool>;
