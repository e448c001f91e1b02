import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type GitHost, git } from "./run.ts";

export interface ConfigEntry {
  /** As git prints it: section and variable in lower case, subsection as it is. */
  key: string;
  /** null: the key stands without `=`, which means true. */
  value: string | null;
  scope: string;
}

/**
 * What of a repository's own config ao's git obeys. An agent can write that file, so nothing is taken from it that names a
 * program, a hook or another config file; the user's global config holds as it is.
 */
const ALLOWED = [
  /^core\.(repositoryformatversion|filemode|symlinks|ignorecase|precomposeunicode|autocrlf|eol|safecrlf|checkstat|trustctime|excludesfile|sparsecheckout|sparsecheckoutcone|longpaths|sharedrepository|logallrefupdates|bigfilethreshold|compression)$/,
  /^extensions\.(objectformat|partialclone)$/,
  /^remote\..+\.(url|fetch|promisor|partialclonefilter)$/,
  /^branch\..+\.(remote|merge)$/,
  /^url\..+\.insteadof$/,
  /^http\.(.+\.)?(proxy|extraheader|sslcainfo|sslcert|sslkey|version|postbuffer)$/,
  /^credential\.(.+\.)?(username|usehttppath)$/,
  /^(index|feature|checkout)\.[a-z]+$/,
  /^(commit\.gpgsign|user\.signingkey|gpg\.format)$/,
  /^lfs\.(url|fetchinclude|fetchexclude|repositoryformatversion|.+\.access|.+\.locksverify)$/,
];

/** Filters that may stand in a repository's own config: exactly what `git lfs install --local` writes. */
const KNOWN_FILTERS: Record<string, readonly string[]> = {
  "filter.lfs.clean": ["git-lfs clean -- %f"],
  "filter.lfs.smudge": ["git-lfs smudge -- %f", "git-lfs smudge --skip -- %f"],
  "filter.lfs.process": ["git-lfs filter-process", "git-lfs filter-process --skip"],
  "filter.lfs.required": ["true"],
};

const isAllowed = ({ key, value }: ConfigEntry): boolean =>
  KNOWN_FILTERS[key]?.includes(value ?? "true") ?? ALLOWED.some((pattern) => pattern.test(key));

export interface RepoConfig {
  /** The part of the repository's own config that is obeyed. */
  own: ConfigEntry[];
  /** Entries of the user's config; only needed where conditional includes depend on where the repository lies. */
  user: ConfigEntry[];
  hasConditionalIncludes: boolean;
  /** Filters of the repository's own config that are not run. */
  refusedFilters: string[];
  /** What the repository says about its main working tree: that there is none, or that it is elsewhere. */
  isBare: boolean;
  workTree: string | null;
  /** The last value that holds, from trusted places and the obeyed part. Keys in lower case. */
  get(key: string): string | null;
}

interface Cached {
  stamp: string;
  at: number;
  config: RepoConfig;
}
const cache = new Map<string, Cached>();
const CACHE_MS = 60_000;
const NO_FILE = "-";

/**
 * The config that git would see there, sorted by whom it can be trusted. One process a minute, or when a file changed. A linked
 * worktree sees its repository's, unless there are configs of single worktrees, or includes that depend on the place.
 */
export async function repoConfig(host: GitHost, commonDir: string, gitDir = commonDir): Promise<RepoConfig> {
  const common = await readConfig(host, commonDir, commonDir);
  if (gitDir === commonDir) return common.config;
  const isShared = !common.config.hasConditionalIncludes && common.stamp.endsWith(`,${NO_FILE}`);
  if (isShared && (await stampOf(join(gitDir, "config.worktree"))) === NO_FILE) return common.config;
  return (await readConfig(host, commonDir, gitDir)).config;
}

async function readConfig(host: GitHost, commonDir: string, gitDir: string): Promise<Cached> {
  const key = `${gitDir}\n${host.scratch}`;
  const stamp = (
    await Promise.all([join(commonDir, "config"), join(gitDir, "config.worktree")].map((file) => stampOf(file)))
  ).join();
  const now = host.clock.monotonic();
  const known = cache.get(key);
  if (known?.stamp === stamp && now - known.at < CACHE_MS) return known;
  const fresh = { stamp, at: now, config: sortConfig(await listConfig(host, commonDir, gitDir)) };
  if (cache.size > 1_000) cache.clear();
  cache.set(key, fresh);
  return fresh;
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found === null ? NO_FILE : `${found.ino}.${found.size}.${found.mtimeNs}`;
}

async function listConfig(host: GitHost, commonDir: string, gitDir: string): Promise<ConfigEntry[]> {
  const where = { cwd: commonDir, gitDir, timeoutMs: 10_000 };
  const scoped = await git(host, ["config", "--list", "--show-scope", "-z"], { ...where, okExits: [0, 128, 129] });
  if (scoped.exitCode === 0) return parseScoped(scoped.stdout);
  // git 2.25 knows no --show-scope: the repository's own file is enough, the user's holds anyway.
  return listOwnConfig(host, commonDir);
}

/** All of a repository's own config, obeyed or not: to be read, never to be run. */
export async function listOwnConfig(host: GitHost, commonDir: string): Promise<ConfigEntry[]> {
  const args = ["config", "--file", join(commonDir, "config"), "--list", "-z"];
  const { stdout } = await git(host, args, { cwd: commonDir, gitDir: commonDir, timeoutMs: 10_000 });
  return stdout.split("\0").flatMap((entry) => (entry === "" ? [] : [parseEntry("local", entry)]));
}

function parseScoped(text: string): ConfigEntry[] {
  const parts = text.split("\0");
  const entries: ConfigEntry[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) entries.push(parseEntry(parts[at] ?? "", parts[at + 1] ?? ""));
  return entries;
}

function parseEntry(scope: string, entry: string): ConfigEntry {
  const end = entry.indexOf("\n");
  return end === -1
    ? { scope, key: entry, value: null }
    : { scope, key: entry.slice(0, end), value: entry.slice(end + 1) };
}

function sortConfig(entries: ConfigEntry[]): RepoConfig {
  const isOwn = (entry: ConfigEntry) => entry.scope === "local" || entry.scope === "worktree";
  const own = entries.filter((entry) => isOwn(entry) && isAllowed(entry));
  const user = entries.filter((entry) => entry.scope === "global" || entry.scope === "system");
  const filters = entries.flatMap((entry) => {
    const name = /^filter\.(.+)\.(?:clean|smudge|process)$/.exec(entry.key)?.[1];
    return isOwn(entry) && name !== undefined && !isAllowed(entry) ? [name] : [];
  });
  return {
    own,
    user,
    hasConditionalIncludes: user.some(({ key }) => key.startsWith("includeif.")),
    refusedFilters: [...new Set(filters)],
    isBare: isTrue(entries.findLast((entry) => isOwn(entry) && entry.key === "core.bare")),
    workTree: entries.findLast((entry) => isOwn(entry) && entry.key === "core.worktree")?.value ?? null,
    get: (key) => [...user, ...own].findLast((entry) => entry.key.toLowerCase() === key)?.value ?? null,
  };
}

/** As git reads a boolean; a key without a value is true. */
function isTrue(entry: ConfigEntry | undefined): boolean {
  if (entry === undefined) return false;
  return entry.value === null || /^(?:true|yes|on|[1-9]\d*)$/i.test(entry.value);
}

/** Text of a config file with these entries. */
export function configText(entries: readonly ConfigEntry[]): string {
  return entries
    .map(({ key, value }) => {
      const first = key.indexOf(".");
      const last = key.lastIndexOf(".");
      const section = key.slice(0, first);
      const subsection = last > first ? ` "${escapeText(key.slice(first + 1, last))}"` : "";
      const variable = key.slice(last + 1);
      return `[${section}${subsection}]\n\t${variable}${value === null ? "" : ` = "${escapeText(value)}"`}\n`;
    })
    .join("");
}

const escapeText = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t");
