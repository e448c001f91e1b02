/** Branches whose commits are whole trees: as much of git as workspaces and pull requests need. */
export interface MemoryRepository {
  /** Adds a commit to the branch, which starts at `main` if it is new. Returns the new head. */
  commit(branch: string, files: Readonly<Record<string, string>>): string;
  head(branch: string): string | null;
  branchAt(branch: string, sha: string): void;
  deleteBranch(branch: string): void;
  branches(): string[];
  files(sha: string): Readonly<Record<string, string>>;
  /** How many commits of the branch are missing in its base. */
  ahead(branch: string, base: string): number;
  hasConflict(branch: string, base: string): boolean;
  /** The branch's changes since it started, as the lines of a patch. */
  diff(branch: string, base: string): string;
  /** Merges the branch's changes into the base, once. */
  merge(branch: string, base: string): string;
}

interface Commit {
  sha: string;
  parents: string[];
  files: Readonly<Record<string, string>>;
}

export function memoryRepository(): MemoryRepository {
  const commits = new Map<string, Commit>();
  const heads = new Map<string, string>();
  const add = (parents: string[], files: Commit["files"]): string => {
    const sha = (commits.size + 1).toString(16).padStart(40, "0");
    commits.set(sha, { sha, parents, files });
    return sha;
  };
  const must = (branch: string): Commit => {
    const found = commits.get(heads.get(branch) ?? "");
    if (found === undefined) throw new Error(`no branch ${branch}`);
    return found;
  };
  const history = (sha: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(sha)) return seen;
    seen.add(sha);
    for (const parent of commits.get(sha)?.parents ?? []) history(parent, seen);
    return seen;
  };
  /** The newest commit of both: shas count upwards. */
  const forkOf = (a: string, b: string): Commit => {
    const ours = history(must(b).sha);
    const both = [...history(must(a).sha)].filter((sha) => ours.has(sha)).sort();
    return commits.get(both.at(-1) ?? "") ?? { sha: "", parents: [], files: {} };
  };
  const changes = (from: Commit["files"], to: Commit["files"]): string[] =>
    [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((path) => from[path] !== to[path]);
  heads.set("main", add([], { "README.md": "hello\n" }));

  return {
    commit(branch, files) {
      const parent = heads.has(branch) ? must(branch) : must("main");
      heads.set(branch, add([parent.sha], { ...parent.files, ...files }));
      return must(branch).sha;
    },
    head: (branch) => heads.get(branch) ?? null,
    branchAt: (branch, sha) => void heads.set(branch, sha),
    deleteBranch: (branch) => void heads.delete(branch),
    branches: () => [...heads.keys()],
    files: (sha) => commits.get(sha)?.files ?? {},
    ahead(branch, base) {
      const theirs = history(must(base).sha);
      return [...history(must(branch).sha)].filter((sha) => !theirs.has(sha)).length;
    },
    hasConflict(branch, base) {
      const fork = forkOf(branch, base);
      const ours = new Set(changes(fork.files, must(base).files));
      const theirs = changes(fork.files, must(branch).files);
      return theirs.some((path) => ours.has(path) && must(branch).files[path] !== must(base).files[path]);
    },
    diff(branch, base) {
      const { files } = forkOf(branch, base);
      const now = must(branch).files;
      return changes(files, now)
        .map(
          (path) =>
            `+++ ${path}\n${(now[path] ?? "")
              .trimEnd()
              .split("\n")
              .map((line) => `+${line}`)
              .join("\n")}`,
        )
        .join("\n");
    },
    merge(branch, base) {
      const fork = forkOf(branch, base);
      const [from, into] = [must(branch), must(base)];
      const changed = changes(fork.files, from.files).map((path) => [path, from.files[path] ?? ""] as const);
      heads.set(base, add([into.sha, from.sha], { ...into.files, ...Object.fromEntries(changed) }));
      return must(base).sha;
    },
  };
}
