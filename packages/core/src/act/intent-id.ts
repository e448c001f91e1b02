import type { SessionRecord } from "../model/session.ts";
import { at } from "../model/time.ts";

/** An action's key as plugins get it, distinct from that of a session of the same name in another state folder. */
export const intentIdOf = ({ createdAt }: SessionRecord, { key }: { key: string }): string =>
  `${key.replaceAll(/[^\w-]/g, "-")}-${at(createdAt).toString(36)}`;
