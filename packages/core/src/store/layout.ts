import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { atomicReplace, ensureDir, isThere, listDir, readText } from "../host/files.ts";
import { type Fs, realFs } from "../host/fs-port.ts";
import { AoError } from "../model/errors.ts";
import { InstanceId, ProjectId, projectKey, SessionId } from "../model/ids.ts";

/** Every path in `$AO_HOME`. Pure: it neither creates nor reads anything. */
export function layoutOf(home: string) {
  const daemon = join(home, "daemon");
  const spool = join(daemon, "spool");
  return {
    home,
    config: join(home, "config.yaml"),
    daemon,
    lock: join(daemon, "lock"),
    token: join(daemon, "token"),
    secret: join(daemon, "secret"),
    lockLimit: join(daemon, "lock-limit"),
    daemonInfo: join(daemon, "daemon.json"),
    lastSeen: join(daemon, "last-seen.json"),
    daemonLog: join(daemon, "log"),
    format: join(daemon, "format.json"),
    checkpoint: join(daemon, "checkpoint.json"),
    previousCheckpoint: join(daemon, "checkpoint.previous.json"),
    reserve: join(daemon, "reserve"),
    spool,
    spoolNew: join(spool, "new"),
    spoolTmp: join(spool, "tmp"),
    events: join(home, "events"),
    quarantine: join(home, "quarantine"),
    project: (instanceId: string, projectId: string) => projectLayout(home, instanceId, projectId),
  } as const;
}

export type Layout = ReturnType<typeof layoutOf>;

/** The folder of one project. Ids are checked, so no name in it can lead outside. */
export function projectLayout(home: string, instanceId: string, projectId: string) {
  const dir = join(home, projectKey(InstanceId.parse(instanceId), ProjectId.parse(projectId)));
  const sessions = join(dir, "sessions");
  const checked = (sessionId: string) => SessionId.parse(sessionId);
  return {
    dir,
    origin: join(dir, ".origin"),
    sessions,
    archive: join(sessions, "archive"),
    worktrees: join(dir, "worktrees"),
    preserved: join(dir, "preserved"),
    scm: join(dir, "scm"),
    metadata: (sessionId: string) => join(sessions, checked(sessionId)),
    /** The complete record of an archived session that is not in memory. */
    record: (sessionId: string) => join(dir, "records", `${checked(sessionId)}.json`),
    worktree: (sessionId: string) => join(dir, "worktrees", checked(sessionId)),
    /** For prompts, hooks and environment files of one session: outside its worktree, readable by this user only. */
    sessionDir: (sessionId: string) => join(dir, "private", checked(sessionId)),
  } as const;
}

export type ProjectLayout = ReturnType<typeof projectLayout>;

/** The projects that have a folder in this home. */
export function projectsIn(home: string, fs: Fs = realFs): { instanceId: InstanceId; projectId: ProjectId }[] {
  return (listDir(home, { fs }) ?? []).sort().flatMap((name) => {
    const instanceId = InstanceId.safeParse(name.slice(0, 12));
    const projectId = ProjectId.safeParse(name.slice(13));
    if (!instanceId.success || !projectId.success || name[12] !== "-") return [];
    return [{ instanceId: instanceId.data, projectId: projectId.data }];
  });
}

/** First 12 hex digits of SHA-256 of the real path of the config file's folder. */
export function instanceIdOf(configPath: string): InstanceId {
  return createHash("sha256")
    .update(realpathSync(dirname(configPath)))
    .digest("hex")
    .slice(0, 12);
}

export interface ProjectClaim {
  home: string;
  instanceId: string;
  projectId: string;
  configPath: string;
  fs?: Fs;
}

/** Creates a project's folders and records which config they belong to. A folder of another config that still exists is refused. */
export function claimProject(claim: ProjectClaim): ProjectLayout {
  const fs = claim.fs ?? realFs;
  const layout = projectLayout(claim.home, claim.instanceId, claim.projectId);
  const configPath = join(realpathSync(dirname(claim.configPath)), basename(claim.configPath));
  const owner = readText(layout.origin, { fs })?.trim() ?? "";
  if (owner !== "" && owner !== configPath && isThere(owner, fs)) {
    throw new AoError("CONFIG", `${layout.dir} belongs to ${owner}, not to ${configPath}`, {
      hint: "Keep one config file in that folder, or set AO_HOME to another folder.",
      details: { owner, configPath },
    });
  }
  for (const dir of [layout.archive, layout.worktrees, layout.preserved]) ensureDir(dir, { fs });
  if (owner !== configPath) atomicReplace(layout.origin, `${configPath}\n`, { fs });
  return layout;
}
