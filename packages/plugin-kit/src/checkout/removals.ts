import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";
import { listFolder, makeFolder, readOwn } from "../files/folders.ts";
import { isErrno } from "../files/read-small.ts";
import { writeDurable } from "../files/write-durable.ts";

/** A checkout that was moved aside and is not deleted yet, with all that is needed to finish that after a crash. */
export interface Removal {
  /** Where it was. */
  path: string;
  /** Where it is now. */
  aside: string;
  /** Its kept work. */
  kept: string;
  /** The project's folder. */
  repoPath: string;
  /** Its git folder, when it was at `path`. */
  gitDir: string;
  /**
   * `forgetting`: the repository's record of it is being removed, so only the kept work has its git folder. `forgotten`: the
   * repository knows it no longer, and another checkout may be at `path`.
   */
  stage: "moved" | "forgetting" | "forgotten";
}

export interface Removals {
  write(removal: Removal): Promise<void>;
  remove(removal: Removal): Promise<void>;
  all(): Promise<Removal[]>;
}

export function removalNotes(stateDir: string): Removals {
  const dir = join(stateDir, "removals");
  const fileOf = ({ aside }: Removal) =>
    join(dir, `${createHash("sha256").update(aside).digest("hex").slice(0, 32)}.json`);
  return {
    async write(removal) {
      await makeFolder(dir);
      await writeDurable(fileOf(removal), `${JSON.stringify(removal, null, 2)}\n`);
    },
    async remove(removal) {
      await throughAsync(fileOf(removal), (at) => rm(at, { force: true })).catch((error: unknown) => {
        if (!isErrno(error, "ENOENT")) throw error;
      });
    },
    async all() {
      const names = (await listFolder(dir)).filter((name) => name.endsWith(".json"));
      const found = await Promise.all(names.map(async (name) => parse(await readOwn(join(dir, name)))));
      return found.filter((removal) => removal !== null);
    },
  };
}

function parse(text: string | null): Removal | null {
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as Partial<Removal>;
    const isWhole = [found.path, found.aside, found.kept, found.repoPath, found.gitDir].every(
      (member) => typeof member === "string",
    );
    return isWhole ? (found as Removal) : null;
  } catch {
    return null; // Damaged by hand. What it names stays where it is.
  }
}
