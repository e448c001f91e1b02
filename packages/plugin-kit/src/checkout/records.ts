import { rm } from "node:fs/promises";
import { join } from "node:path";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";
import type { WorkspaceInfo } from "@agent-orchestrator/core/slots/workspace";
import { listFolder, makeFolder, readOwn } from "../files/folders.ts";
import { isErrno } from "../files/read-small.ts";
import { removeTree } from "../files/remove-tree.ts";
import { writeDurable, writeWhole } from "../files/write-durable.ts";

/** What a workspace plugin wrote down before it touched the repository: enough to finish it or to undo exactly that. */
export interface WorkspaceRecord extends WorkspaceInfo {
  intentId: string | null;
  /** The project's folder. */
  repoPath: string;
  /** `making`: a create or restore did not finish. `undoing`: taking that back did not. `removing`: a destroy did not. */
  stage: "making" | "undoing" | "ready" | "removing";
  /** The branch is this call's own: while it still points at `baseSha`, undoing deletes it. */
  isOwnBranch: boolean;
  /** See `WorkspaceState`: before the agent was first started. */
  sharedConfig?: Record<string, string>;
}

export interface WorkspaceRecords {
  read(sessionId: string): Promise<WorkspaceRecord | null>;
  write(record: WorkspaceRecord): Promise<void>;
  /** Where the hooks of a checkout are, which are gone with its record. */
  hooksOf(sessionId: string): string;
  remove(sessionId: string): Promise<void>;
  all(): Promise<WorkspaceRecord[]>;
  byPath(path: string): Promise<WorkspaceRecord | null>;
}

export function workspaceRecords(stateDir: string): WorkspaceRecords {
  const dir = join(stateDir, "workspaces");
  const nameOf = (sessionId: string) => sessionId.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  const fileOf = (sessionId: string) => join(dir, `${nameOf(sessionId)}.json`);
  const hooksOf = (sessionId: string) => join(dir, `${nameOf(sessionId)}.hooks`);
  const read = async (file: string): Promise<WorkspaceRecord | null> => parseRecord(await readOwn(file));
  const all = async (): Promise<WorkspaceRecord[]> => {
    const names = await listFolder(dir);
    const records = await Promise.all(
      names.filter((name) => name.endsWith(".json")).map((name) => read(join(dir, name))),
    );
    return records.filter((record) => record !== null);
  };
  return {
    all,
    read: (sessionId) => read(fileOf(sessionId)),
    async write(record) {
      await makeFolder(dir);
      const text = `${JSON.stringify(record, null, 2)}\n`;
      // A finished checkout must never be taken for an incomplete one, or it would be undone with the agent's work in it.
      await (record.stage === "ready" ? writeDurable : writeWhole)(fileOf(record.sessionId), text);
    },
    hooksOf,
    async remove(sessionId) {
      await removeTree(hooksOf(sessionId));
      await throughAsync(fileOf(sessionId), (at) => rm(at, { force: true })).catch((error: unknown) => {
        if (!isErrno(error, "ENOENT")) throw error;
      });
    },
    byPath: async (path) => (await all()).find((record) => record.path === path) ?? null,
  };
}

function parseRecord(text: string | null): WorkspaceRecord | null {
  if (text === null) return null;
  try {
    const record = JSON.parse(text) as Partial<WorkspaceRecord>;
    const isWhole = [record.path, record.branch, record.sessionId, record.projectId, record.stage].every(
      (member) => typeof member === "string",
    );
    return isWhole ? (record as WorkspaceRecord) : null;
  } catch {
    return null; // It is not ours, or was damaged by hand. The repository's own records still show what is there.
  }
}

export function infoOf(record: WorkspaceRecord): WorkspaceInfo {
  const {
    intentId: _intent,
    repoPath: _path,
    stage: _stage,
    isOwnBranch: _own,
    sharedConfig: _config,
    ...info
  } = record;
  return info;
}
