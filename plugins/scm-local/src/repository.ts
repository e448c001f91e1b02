import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { createGit, type Git, type GitCall } from "./git.ts";
import { createRefs, type Refs } from "./refs.ts";

/** The project's repository, and beside it a bare one of our own that borrows its objects. */
export interface Repository {
  path: string;
  /** Where refs and objects are; two projects in one repository have the same. */
  commonDir: string;
  objectsDir: string;
  refs: Refs;
  /** In the project's repository, with its configuration: only for what must happen there. */
  git: Git;
  /**
   * In our own repository: no configuration, filter, driver or attribute that an agent could have written is in force,
   * and what it computes does not fill the user's object store. `keep` writes new objects into the project's store.
   */
  lab(args: readonly string[], call?: GitCall & { keep?: boolean }): ReturnType<Git>;
  /** Major and minor, as one number: 2.38 is 2038. */
  gitVersion: number;
}

/** A second instance (after a reload of the config) shares the first one's. */
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

/** Everything in it can be computed again: a fresh one with each daemon is also the housekeeping. */
async function makeLab(git: Git, at: { labDir: string; format: string; objectsDir: string }): Promise<void> {
  rmSync(at.labDir, { recursive: true, force: true });
  const parent = dirname(at.labDir);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  await git(["init", "-q", "--bare", `--object-format=${at.format}`, "--template=", "--", at.labDir], { cwd: parent });
  borrowObjects(at.labDir, at.objectsDir);
}

export async function openRepository(context: PluginContext, path: string): Promise<Repository> {
  const git = createGit(context, path);
  const commonDir = await commonDirOf(git, path);
  const objectsDir = join(commonDir, "objects");
  const version = /(\d+)\.(\d+)/.exec(await git.line(["version"]));
  const labDir = join(context.stateDir, "lab.git");
  const format = await git.line(["rev-parse", "--show-object-format"]);
  await (labs.get(labDir) ?? rememberLab(labDir, () => makeLab(git, { labDir, format, objectsDir })));
  const shallow = join(commonDir, "shallow");
  const lab: Repository["lab"] = (args, { keep, env, ...call } = {}) =>
    git(args, {
      cwd: context.stateDir,
      ...call,
      env: {
        GIT_DIR: labDir,
        ...(existsSync(shallow) ? { GIT_SHALLOW_FILE: shallow } : {}),
        ...(keep === true ? { GIT_OBJECT_DIRECTORY: objectsDir } : {}),
        ...env,
      },
    });
  const gitVersion = Number(version?.[1] ?? 0) * 1000 + Number(version?.[2] ?? 0);
  return { path, commonDir, objectsDir, refs: createRefs(commonDir), git, lab, gitVersion };
}

/** Objects of `objectsDir` can be read in this git folder as if they were its own. */
export function borrowObjects(gitDir: string, objectsDir: string): void {
  mkdirSync(join(gitDir, "objects", "info"), { recursive: true });
  writeFileSync(join(gitDir, "objects", "info", "alternates"), `${objectsDir}\n`);
}

async function commonDirOf(git: Git, path: string): Promise<string> {
  try {
    const answer = await git.line(["rev-parse", "--git-common-dir"]);
    const commonDir = isAbsolute(answer) ? answer : resolve(path, answer);
    if (existsSync(join(commonDir, "reftable")) && usesReftable(commonDir)) {
      throw new AoError("CONFIG", `${path} keeps its refs as reftable, which scm \`local\` cannot read`, {
        hint: "Convert it: git refs migrate --ref-format=files",
      });
    }
    return commonDir;
  } catch (cause) {
    if (cause instanceof AoError && cause.code === "CONFIG") throw cause;
    throw new AoError("CONFIG", `${path} is not a git repository`, { cause, hint: "Run `git init` there first." });
  }
}

function usesReftable(commonDir: string): boolean {
  return readFileSync(join(commonDir, "HEAD"), "utf8").includes("refs/heads/.invalid");
}
