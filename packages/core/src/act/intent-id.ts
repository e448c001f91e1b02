import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";

/** Returns an action's key for plugins, distinct from that of a session of the same name in another state folder. */
export const intentIdOf = ({ createdAt }: SessionRecord, { key }: { key: string }): string =>
  `${key.replaceAll(/[^\w-]/g, "-")}-${at(createdAt).toString(36)}`;
