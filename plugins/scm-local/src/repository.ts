import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { listDir, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { ExecResult } from "@agent-orchestrator/plugin-kit/exec";
import { makeFolder } from "@agent-orchestrator/plugin-kit/files/folders";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { sshSettings } from "@agent-orchestrator/plugin-kit/git/base";
import { configText, repoConfig } from "@agent-orchestrator/plugin-kit/git/config";
import { takeLease } from "@agent-orchestrator/plugin-kit/git/lease";
import { isPartial, sourceSettings } from "@agent-orchestrator/plugin-kit/git/partial";
import { type Repository as Opened, openRepository as open } from "@agent-orchestrator/plugin-kit/git/repository";
import { type GitHost, type GitOptions, git, gitVersion } from "@agent-orchestrator/plugin-kit/git/run";
import { borrowObjects, formatSettings, shallowEnv, writeConfig } from "./borrow.ts";
import { createRefs, type Refs } from "./refs.ts";

/** The project's repository, and next to it a bare one of our own that borrows its objects. */
export interface Repository extends Opened {
  host: GitHost;
  objectsDir: string;
  objectFormat: string;
  refs: Refs;
  /** Runs git in the project's repository, with its configuration. Only for what must happen there and runs no other program. */
  git(args: readonly string[], options?: GitOptions): Promise<ExecResult>;
  /**
   * Runs git in our own repository, where no configuration, filter, driver or attribute that an agent could have written
   * applies, and new objects do not fill the user's object store. `keep` writes new objects to the project's store.
   */
  lab(args: readonly string[], options?: GitOptions & { keep?: boolean }): Promise<ExecResult>;
  /** Major and minor, as one number: 2.38 is 2038. */
  gitVersion: number;
}

export async function openRepository(context: PluginContext, path: string): Promise<Repository> {
  const { stateDir, clock } = context;
  const opened = await open(path);
  const env = () => context.env();
  const reader: GitHost = { env, scratch: join(stateDir, "scratch"), clock };
  const [major, minor] = await gitVersion(reader);
  const leaseFd = await takeLease({ file: join(stateDir, "lease"), env: env(), clock });
  const host = { ...reader, leaseFd };
  const inProject: Repository["git"] = (args, options) =>
    git(host, args, { cwd: opened.commonDir, gitDir: opened.commonDir, ...options });
  const objectFormat = (await inProject(["rev-parse", "--show-object-format"])).stdout.trim();
  const objectsDir = join(opened.commonDir, "objects");
  const labDir = join(stateDir, "lab.git");
  await (labs.get(labDir) ?? rememberLab(labDir, () => makeLab(host, { labDir, objectFormat, objectsDir })));
  const lab = labOf({ host, reader, opened }, { labDir, objectsDir, objectFormat });
  const refs = createRefs(opened.commonDir, clock);
  const version = major * 1000 + minor;
  return { ...opened, host, objectsDir, objectFormat, refs, git: inProject, lab, gitVersion: version };
}

interface LabPlace {
  labDir: string;
  objectsDir: string;
  objectFormat: string;
}

interface Sources {
  host: GitHost;
  /** Without the lease, because fetching may start a password cache that keeps running. */
  reader: GitHost;
  opened: Opened;
}

function labOf({ host, reader, opened }: Sources, at: LabPlace): Repository["lab"] {
  let underWay = 0;
  let calls = 0;
  let written = "";

  /** Fetches a partial clone's missing objects from where the project would get them. */
  async function followProject(): Promise<Record<string, string>> {
    const config = await repoConfig(reader, opened.commonDir);
    const source = isPartial(config) ? sourceSettings(config) : [];
    const entries = [...formatSettings(at.objectFormat, true), ...source];
    const text = configText(entries);
    if (text !== written) writeConfig(at.labDir, entries);
    written = text;
    return source.length === 0 ? {} : sshSettings(reader, opened);
  }

  return async (args, { keep, extraEnv, ...options } = {}) => {
    underWay += 1;
    calls += 1;
    try {
      borrowFrom(at);
      const sourceEnv = await followProject();
      return await git(keep === true ? host : reader, ["--literal-pathspecs", ...args], {
        cwd: at.labDir,
        gitDir: at.labDir,
        ...options,
        extraEnv: {
          ...shallowEnv(opened.commonDir),
          ...sourceEnv,
          ...(keep === true ? { GIT_OBJECT_DIRECTORY: at.objectsDir } : {}),
          ...extraEnv,
        },
      });
    } finally {
      underWay -= 1;
      if (underWay === 0 && calls > SWEEP_AFTER) {
        calls = 0;
        sweepObjects(at.labDir);
      }
    }
  };
}

const SWEEP_AFTER = 5_000;

/** Trees of trial merges. They are computed again when needed. */
function sweepObjects(labDir: string): void {
  const objects = join(labDir, "objects");
  for (const folder of (listDir(objects) ?? []).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of listDir(join(objects, folder)) ?? []) removeIfThere(realFs, join(objects, folder, name));
  }
}

/** A second instance (after a reload of the config) shares the first one's repository. */
const labs = new Map<string, Promise<void>>();

async function rememberLab(labDir: string, make: () => Promise<void>): Promise<void> {
  const made = make();
  labs.set(labDir, made);
  try {
    await made;
  } catch (error) {
    labs.delete(labDir);
    throw error;
  }
}

/** Whose objects each of our repositories borrows. */
const lenders = new Map<string, string>();

/** Follows a project whose folder was moved while its repository was in use. An instance for a path that is gone changes nothing. */
function borrowFrom({ labDir, objectsDir }: LabPlace): void {
  if (lenders.get(labDir) === objectsDir || !existsSync(objectsDir)) return;
  borrowObjects(labDir, objectsDir);
  lenders.set(labDir, objectsDir);
}

/** Everything in it can be computed again, so a fresh one with each daemon also keeps it small. */
async function makeLab(host: GitHost, at: LabPlace): Promise<void> {
  lenders.delete(at.labDir);
  await removeTree(at.labDir);
  const cwd = dirname(at.labDir);
  await makeFolder(cwd);
  const format = `--object-format=${at.objectFormat}`;
  await git(host, ["init", "-q", "--bare", "--shared=0600", format, "--template=", "--", at.labDir], { cwd });
  borrowFrom(at);
  closeToOthers(at.labDir);
}

/** Sets the mode of what git created with the user's umask. */
function closeToOthers(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const isFolder = stat.isDirectory();
  chmodSync(path, isFolder ? 0o700 : 0o600);
  if (isFolder) for (const name of readdirSync(path)) closeToOthers(join(path, name));
}

/** Returns what git printed on stderr in a call that failed. */
export function gitMessage(error: unknown): string {
  if (!isAoError(error)) return String(error);
  return typeof error.details?.stderr === "string" ? error.details.stderr : error.message;
}
