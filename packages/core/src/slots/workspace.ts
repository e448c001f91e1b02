import type { ProjectConfig } from "../model/project.ts";
import type { CallOptions } from "./common.ts";

export interface WorkspaceCreateConfig {
  projectId: string;
  sessionId: string;
  project: ProjectConfig;
  /** The branch to create. An existing one is used only with `useExistingBranch`. */
  branch: string;
  useExistingBranch?: boolean;
  /** Start from this branch instead of the project's default one. */
  baseBranch?: string;
  /** Where the checkout goes. It does not exist yet, or is an unfinished one of this call. */
  path: string;
  /** A second call with the same intent finds what the first one created and finishes it. */
  intentId?: string;
}

export interface WorkspaceInfo {
  path: string;
  branch: string;
  sessionId: string;
  projectId: string;
  baseBranch?: string;
  /** Full object id the branch started from. */
  baseSha?: string;
  /** One sentence for the user if the base is not what they may expect: `from origin/main 1a2b3c; …`. */
  baseNote?: string;
  /** Warnings that do not stop the session (signing needs a terminal, a symlink was left out, …). */
  notes?: string[];
}

/** What is in a checkout, read without changing anything (no optional locks, no hooks). */
export interface WorkspaceState {
  branch: string | null;
  headSha: string | null;
  /** Commits on the branch that are not on its base. */
  commitsAhead: number;
  /** Changed, staged or untracked files (ignored ones do not count). */
  changedFiles: number;
  /** Commits that no remote has. Equal to commitsAhead if there is no remote. */
  unpushedCommits: number;
  /** rebase, merge, cherry-pick, … */
  operation: string | null;
  /** The keys of the git config that the checkout shares with its repository, each with a fingerprint of its values. */
  sharedConfig?: Record<string, string>;
  /** The same before the agent was first started. */
  sharedConfigBefore?: Record<string, string>;
}

export interface PreservedWork {
  /** Folder with everything needed to restore the checkout. */
  path: string;
  bytes: number;
  /** What could not be read and so was not kept, relative to the checkout; only with `dropUnreadable`. */
  unreadable?: string[];
  /** What else was not kept, in sentences for the user. */
  notes?: string[];
}

/** The agent's own checkout. The plugin serialises `create` and `destroy` per repository. */
export interface Workspace {
  readonly name?: string;
  /** Creates branch and checkout, all or nothing. Throws CONFIG (no such base branch), REFUSED (branch taken), NO_SPACE. */
  create(config: WorkspaceCreateConfig, options?: CallOptions): Promise<WorkspaceInfo>;
  /**
   * Removes the checkout. The branch stays. Succeeds if it is gone. With `preserved`, what was written since it was preserved is
   * kept there too, and the answer has sentences for the user: what was not kept, and what could not be removed yet and where it is.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: plugins that have nothing to say return nothing
  destroy(workspacePath: string, options?: DestroyOptions): Promise<string[] | void>;
  list(projectId: string): Promise<WorkspaceInfo[]>;
  /** The project's `postCreate` commands. Throws FAILED with the end of their log. */
  postCreate?(info: WorkspaceInfo, project: ProjectConfig, options?: PostCreateOptions): Promise<void>;
  exists?(workspacePath: string): Promise<boolean>;
  /** Restores a preserved or missing checkout at `workspacePath`, exactly. */
  restore?(config: WorkspaceCreateConfig & { preserved?: string }, workspacePath: string): Promise<WorkspaceInfo>;
  /**
   * Keeps all work of a checkout below `into`. Throws NO_SPACE, or REFUSED for what may not be read (unless `dropUnreadable`);
   * then nothing may be removed.
   */
  preserve?(workspacePath: string, project: ProjectConfig, options: PreserveOptions): Promise<PreservedWork>;
  inspect?(workspacePath: string, project: ProjectConfig, options?: InspectOptions): Promise<WorkspaceState>;
  /** The first free name of `feat/42`, `feat/42-2`, …: no local or remote-tracking branch, none of `taken`. */
  freeBranch?(wanted: string, project: ProjectConfig, options?: { taken?: readonly string[] }): Promise<string>;
  /** Throws what `create` of this branch on this base would throw, as far as that is known without creating anything. */
  check?(config: Pick<WorkspaceCreateConfig, "project" | "branch" | "useExistingBranch" | "baseBranch">): Promise<void>;
  /** Calls back when HEAD of the checkout moves (a commit, another branch). This is a hint. `inspect` is the truth. */
  watch?(workspacePath: string, onMove: () => void, options?: WatchOptions): Promise<{ stop(): Promise<void> }>;
  /** Undoes what an unfinished `create` left behind (branch, incomplete checkout, locks). */
  undo?(config: WorkspaceCreateConfig): Promise<void>;
  /** The project's `preDestroy` commands, like `postCreate`. */
  preDestroy?(info: WorkspaceInfo, project: ProjectConfig, options: PostCreateOptions): Promise<void>;
  /** If checkouts are separate repositories: brings the branch into the project's repository, as a fast-forward. */
  publish?(workspacePath: string, project: ProjectConfig, options?: CallOptions): Promise<void>;
  /**
   * The checkout is on another branch than it was made with: from now on this is the session's own. Throws REFUSED, with the
   * reason, where somebody else may have a claim to it: it is older than `since`, another session's, on a remote, in the project.
   */
  adoptBranch?(workspacePath: string, project: ProjectConfig, options: AdoptOptions): Promise<void>;
  /**
   * Refuses pushes from this checkout of anything but `branch`, to whoever has the returned setting in the environment. It leads to
   * hooks that run the repository's own, in a folder of the plugin's that is gone with the checkout. Nothing is written to the
   * repository or its config. May be repeated, with another branch.
   */
  guardPushes?(workspacePath: string, project: ProjectConfig, options: PushGuardOptions): Promise<GitSetting>;
  /**
   * Checks out another, existing branch, which is the session's own from now on. Throws REFUSED if anything is uncommitted, or if the
   * branch is checked out elsewhere. May be repeated.
   */
  switchBranch?(workspacePath: string, project: ProjectConfig, options: SwitchOptions): Promise<void>;
  /**
   * Whether the project's repository and this checkout know each other. `moved`: they did before one of them was moved, and
   * `reconnect` repairs it. `foreign`: this repository knows nothing of it.
   */
  connection?(workspacePath: string, project: ProjectConfig, of: { sessionId: string }): Promise<Connection>;
  reconnect?(workspacePath: string, project: ProjectConfig, of: { sessionId: string }): Promise<void>;
  /** Leaves a checkout to the user: it stays, nothing protects it any more, and the plugin forgets it. */
  release?(workspacePath: string, project: ProjectConfig, of: { sessionId: string }): Promise<void>;
  /**
   * The difference from the merge base to the working copy as a patch that `git apply` takes whatever the user's settings are,
   * untracked files included.
   */
  getDiff?(workspacePath: string, project: ProjectConfig, options?: DiffOptions): Promise<string>;
}

export interface WatchOptions {
  /** The head that is known of. If HEAD is elsewhere, it moved before the watch began, and `onMove` is called at once. */
  headSha?: string;
}

export type Connection = "connected" | "moved" | "foreign";

export interface PostCreateOptions extends CallOptions {
  /** The session's environment, including AO_PORT and the like. */
  environment: Record<string, string>;
  logFile: string;
  /** Called when a command begins, and with each new last line of what it prints. */
  onProgress?(progress: { command: string; lastLine: string | null }): void;
}

export interface PreserveOptions extends CallOptions {
  /** The folder to create. Its parent exists. */
  into: string;
  /** The user gave up what may not be read. */
  dropUnreadable?: boolean;
}

export interface DestroyOptions extends CallOptions {
  /** The folder that `preserve` returned. Absent: the checkout is removed as it is. */
  preserved?: string;
}

export interface AdoptOptions extends CallOptions {
  branch: string;
  /** When the session began, ISO 8601. */
  since: string;
}

export interface PushGuardOptions {
  sessionId: string;
  branch: string;
  /** The setting's number in the environment: `GIT_CONFIG_KEY_0`, `GIT_CONFIG_VALUE_0`. */
  at: number;
}

export interface GitSetting {
  key: string;
  value: string;
}

export interface SwitchOptions extends CallOptions {
  branch: string;
}

export interface InspectOptions extends CallOptions {
  baseBranch?: string;
  baseSha?: string;
  /** It is merged on a forge, into this commit (null: not known), and the local base branch may be behind. */
  forge?: { baseSha: string | null };
  /**
   * What was seen last, while the agent is in the middle of a turn. Where files tell what it committed since, no program need be
   * started: commits are counted, and `changedFiles` stays as it was.
   */
  known?: Pick<WorkspaceState, "branch" | "headSha" | "commitsAhead" | "changedFiles" | "unpushedCommits">;
}

export interface DiffOptions extends InspectOptions {
  /** Only what is staged, against the last commit. */
  isStaged?: boolean;
  /** Only these files and folders, relative to the checkout; patterns as git takes them. */
  paths?: readonly string[];
  /** Instead of a patch, a table of the files in at most so many columns. */
  statColumns?: number;
  /** Binary files in full, so that the patch can be applied. Default: they are only named. */
  hasBinaries?: boolean;
  /** For a human's eyes: in the form that their git settings give it. */
  isForDisplay?: boolean;
  /** `latin1`: one character per byte. Default `utf8`. */
  encoding?: "utf8" | "latin1";
}
