import { execFile } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RefChange {
  ref: string;
  /** `null` for a new ref. */
  before: string | null;
  /** `null` for a deleted ref. */
  after: string | null;
}

export interface CommitInfo {
  sha: string;
  tree: string;
  parents: string[];
  message: string;
  author: { name: string; email: string; date: string };
  committer: { name: string; email: string; date: string };
}

export interface FileChange {
  path: string;
  previousPath: string | null;
  status: "added" | "removed" | "modified" | "renamed";
  additions: number;
  deletions: number;
  patch: string;
  blobSha: string;
}

export interface Identity {
  name: string;
  email: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export const ZERO = "0".repeat(40);

/** Pushes by http, any commit by its id, and, as on GitHub, no pushes to the refs of pull requests. */
const CONFIG = `[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
[receive]
\thideRefs = refs/pull
[gc]
\tauto = 0
`;

interface RunOptions {
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** A failed git command, with its exit status. */
export class GitFailure extends Error {
  readonly status: number;
  constructor(args: readonly string[], status: number, output: string) {
    super(`git ${args.join(" ")} ended with ${status}: ${output.trim()}`);
    this.status = status;
  }
}

/** A bare repository, and what GitHub does in one without a checkout. */
export class Bare {
  readonly dir: string;
  /** Answers that cannot change, because they are about commits by their ids. */
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(dir: string) {
    this.dir = dir;
  }

  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const asked = ask();
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    return asked;
  }

  run(args: string[], options: RunOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        "git",
        args,
        { cwd: options.cwd ?? this.dir, env: { ...this.env(), ...options.env }, maxBuffer: 64 << 20 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new GitFailure(args, typeof error.code === "number" ? error.code : -1, stderr || stdout));
        },
      );
      // A git that needs no input may have ended already.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
    });
  }

  env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      HOME: this.dir,
      LANG: "C.UTF-8",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
    };
  }

  static async create(dir: string, defaultBranch: string): Promise<Bare> {
    const bare = new Bare(dir);
    await bare.run(["init", "-q", "--bare", "-b", defaultBranch, dir], { cwd: tmpdir() });
    await appendFile(join(dir, "config"), CONFIG);
    return bare;
  }

  /** All refs below `prefix` with what they point to. */
  async refs(prefix = "refs/heads"): Promise<Map<string, string>> {
    const text = await this.run(["for-each-ref", "--format=%(objectname) %(refname)", prefix]);
    const rows = text.split("\n").filter((line) => line !== "");
    return new Map(rows.map((line) => [line.slice(41), line.slice(0, 40)]));
  }

  /** The object that a revision, or `revision:path`, names, or `null` when there is none. */
  async resolve(revision: string): Promise<string | null> {
    try {
      return (
        await this.run([
          "rev-parse",
          "--verify",
          "-q",
          "--end-of-options",
          revision.includes(":") ? revision : `${revision}^{object}`,
        ])
      ).trim();
    } catch (error) {
      if (error instanceof GitFailure) return null;
      throw error;
    }
  }

  /** The commit that a branch, tag or id names, as GitHub looks it up. */
  async commitOf(name: string): Promise<string | null> {
    for (const revision of [`refs/heads/${name}`, `refs/tags/${name}`, name]) {
      const sha = await this.resolve(`${revision}^{commit}`);
      if (sha !== null) return sha;
    }
    return null;
  }

  /** Moves a ref if it still is where the caller saw it. Throws `GitFailure` otherwise. */
  async updateRef({ ref, before, after }: RefChange): Promise<void> {
    if (after === null) await this.run(["update-ref", "-d", ref, ...(before === null ? [] : [before])]);
    else await this.run(["update-ref", ref, after, before ?? ZERO]);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (await this.mergeBase(ancestor, descendant)) === ancestor;
  }

  /** Takes full ids. `null` for histories that have nothing in common. */
  mergeBase(one: string, other: string): Promise<string | null> {
    return this.#once(`base ${[one, other].sort().join(" ")}`, () => this.#mergeBase(one, other));
  }

  async #mergeBase(one: string, other: string): Promise<string | null> {
    try {
      return (await this.run(["merge-base", one, other])).trim();
    } catch (error) {
      if (error instanceof GitFailure && error.status === 1) return null;
      throw error;
    }
  }

  commit(sha: string): Promise<CommitInfo> {
    return this.#once(`commit ${sha}`, async () => {
      const [info] = await this.#log(["-1", sha]);
      if (info === undefined) throw new Error(`no commit ${sha}`);
      return info;
    });
  }

  /** Newest first, by git's own range syntax. */
  async log(range: string, ...more: string[]): Promise<CommitInfo[]> {
    const ask = () => this.#log([...more, "--end-of-options", range, "--"]);
    const isFixed = /^[0-9a-f]{40}(\.\.[0-9a-f]{40})?$/.test(range);
    return [...(await (isFixed ? this.#once(`log ${range} ${more.join(" ")}`, ask) : ask()))];
  }

  async #log(args: string[]): Promise<CommitInfo[]> {
    const format = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");
    const text = await this.run(["log", "-z", `--format=${format}%x00`, ...args]);
    const fields = text.split("\0");
    const rows: CommitInfo[] = [];
    for (let at = 0; at + 9 < fields.length; at += 11) {
      const field = (offset: number) => fields[at + offset] ?? "";
      rows.push({
        sha: field(0),
        tree: field(1),
        parents: field(2).split(" ").filter(Boolean),
        author: { name: field(3), email: field(4), date: utc(field(5)) },
        committer: { name: field(6), email: field(7), date: utc(field(8)) },
        message: field(9).replace(/\n+$/, ""),
      });
    }
    return rows;
  }

  /** What changed between two commits. */
  files(from: string, to: string): Promise<FileChange[]> {
    return this.#once(`files ${from} ${to}`, () => this.#files(from, to));
  }

  async #files(from: string, to: string): Promise<FileChange[]> {
    const raw = (await this.run(["diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", from, to])).split("\0");
    const files: FileChange[] = [];
    for (let at = 0; at < raw.length && raw[at] !== ""; ) {
      const [, , , blobSha = ZERO, letter = "M"] = (raw[at] ?? "").split(" ");
      const isRename = letter.startsWith("R");
      const first = raw[at + 1] ?? "";
      const path = isRename ? (raw[at + 2] ?? "") : first;
      at += isRename ? 3 : 2;
      const status = isRename ? "renamed" : letter === "A" ? "added" : letter === "D" ? "removed" : "modified";
      const paths = isRename ? [first, path] : [path];
      const diff = await this.run(["diff-tree", "-p", "-M", from, to, "--", ...paths]);
      const patch = diff.includes("@@") ? diff.slice(diff.indexOf("@@")).trimEnd() : "";
      const rows = patch.split("\n");
      const additions = rows.filter((row) => row.startsWith("+")).length;
      const deletions = rows.filter((row) => row.startsWith("-")).length;
      files.push({ path, previousPath: isRename ? first : null, status, additions, deletions, patch, blobSha });
    }
    return files;
  }

  async commitTree(
    tree: string,
    parents: string[],
    { message, by }: { message: string; by: Identity },
  ): Promise<string> {
    const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])];
    return (await this.run(args, { input: message, env: identityEnv(by) })).trim();
  }

  /** Adds and removes files on top of a commit (or of nothing) without a checkout, and returns the new tree. */
  async treeWith(base: string | null, files: Record<string, string | null>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "ao-github-index-"));
    const env = { GIT_INDEX_FILE: join(folder, "index") };
    try {
      if (base !== null) await this.run(["read-tree", base], { env });
      for (const [path, text] of Object.entries(files)) {
        if (text === null) await this.run(["update-index", "--force-remove", "--", path], { env });
        else {
          const blob = (await this.run(["hash-object", "-w", "--stdin"], { input: text })).trim();
          await this.run(["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`], { env });
        }
      }
      return (await this.run(["write-tree"], { env })).trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The tree of a merge, or the paths in conflict. */
  async mergeTree(ours: string, theirs: string): Promise<{ tree: string } | { conflicts: string[] }> {
    try {
      const out = await this.run(["merge-tree", "--write-tree", "--name-only", ours, theirs]);
      return { tree: out.slice(0, 40) };
    } catch (error) {
      if (!(error instanceof GitFailure) || error.status !== 1) throw error;
      return { conflicts: [error.message] };
    }
  }
}

function utc(iso: string): string {
  return new Date(iso).toISOString().replace(".000Z", "Z");
}

export function identityEnv({ name, email, at }: Identity): Record<string, string> {
  const date = `${Math.floor(at / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}
