import { join } from "node:path";
import { z } from "zod";
import { atomicReplace, readText } from "../host/files.ts";
import type { Layout } from "./layout.ts";

/** A browser that is logged in. The token itself is only there. */
const DoorToken = z.looseObject({ hash: z.string(), createdAt: z.string(), usedAt: z.string() });
export type DoorToken = z.infer<typeof DoorToken>;

const DoorFile = z.looseObject({
  tokens: z.array(DoorToken).default([]),
  /** The port that was asked for with `ao dashboard`. It is opened again by the next daemon. */
  askedPort: z.number().int().nullable().default(null),
});
export type DoorFile = z.infer<typeof DoorFile>;

const pathOf = ({ daemon }: Pick<Layout, "daemon">): string => join(daemon, "door.json");

/** What is kept of the dashboard's door. A file that is lost or cannot be read means that everybody logs in again. */
export function readDoor(layout: Pick<Layout, "daemon">): DoorFile {
  try {
    return DoorFile.parse(JSON.parse(readText(pathOf(layout)) ?? "{}"));
  } catch {
    return { tokens: [], askedPort: null };
  }
}

export function writeDoor(layout: Pick<Layout, "daemon">, changed: Partial<DoorFile>): void {
  atomicReplace(pathOf(layout), `${JSON.stringify({ ...readDoor(layout), ...changed }, null, 2)}\n`);
}
