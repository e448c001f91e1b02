import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { readSmallFile } from "../files/read-small.ts";
import { writeDurable } from "../files/write-durable.ts";
import { withRepoLock } from "../repo-lock.ts";
import { type ConfigEntry, repoConfig } from "./config.ts";
import type { Repository } from "./repository.ts";
import type { GitHost } from "./run.ts";

export interface RemoteChoice {
  /** null: bases are local branches. */
  name: string | null;
  /** Why a remote that exists is not used, in words. */
  problem: string | null;
}

/** What was there when the first session of the project was created, before any agent could write the repository's config. */
interface First {
  name: string | null;
  address: string[];
}

/**
 * The remote that bases come from: `origin`, or the only one there is. An agent that shares the config can add a remote or change
 * an address, and later sessions would start from its commits. So once a project has had a session, only the remote that was
 * there before counts, at the address it had.
 */
export async function chooseRemote(host: GitHost, repo: Repository): Promise<RemoteChoice> {
  const { own } = await repoConfig(host, repo.commonDir);
  const found = candidateIn(own);
  const first = await readFirst(host);
  if (first === null || (first.name === null && found === null)) return { name: found, problem: null };
  const isStill = first.name !== null && sameAddress(first.address, addressOf(own, first.name));
  if (isStill) return { name: first.name, problem: null };
  if (found === null) return { name: null, problem: null };
  const what = found === first.name ? `the address of ${found} was changed` : `the remote ${found} was added`;
  const how = `If you did that, delete ${host.remoteFile}`;
  return { name: null, problem: `${what} after the first session, so it is not used. ${how}` };
}

export const remoteOf = async (host: GitHost, repo: Repository): Promise<string | null> =>
  (await chooseRemote(host, repo)).name;

/** Records the remote before the first session. Later calls change nothing. */
export async function recordRemote(host: GitHost, repo: Repository): Promise<void> {
  const { remoteFile } = host;
  if (remoteFile === undefined || (await readFirst(host)) !== null) return;
  await withRepoLock(repo.commonDir, async () => {
    if ((await readFirst(host)) !== null) return;
    const { own } = await repoConfig(host, repo.commonDir);
    const name = candidateIn(own);
    const first: First = { name, address: name === null ? [] : addressOf(own, name) };
    await mkdir(dirname(remoteFile), { recursive: true, mode: 0o700 });
    await writeDurable(remoteFile, `${JSON.stringify(first)}\n`);
  });
}

function candidateIn(own: readonly ConfigEntry[]): string | null {
  const names = new Set(own.flatMap(({ key }) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []));
  if (names.has("origin")) return "origin";
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

/** Everything in the repository's own config that decides where git fetches from. */
const addressOf = (own: readonly ConfigEntry[], name: string): string[] =>
  own
    .filter(({ key }) => key === `remote.${name}.url` || /^url\..+\.insteadof$/.test(key))
    .map(({ key, value }) => `${key}=${value ?? ""}`);

const sameAddress = (a: readonly string[], b: readonly string[]): boolean => a.join("\n") === b.join("\n");

async function readFirst({ remoteFile }: GitHost): Promise<First | null> {
  const text = remoteFile === undefined ? null : await readSmallFile(remoteFile);
  if (text === null) return null;
  try {
    return JSON.parse(text) as First;
  } catch {
    return { name: null, address: [] }; // Damaged: no remote counts until the file is deleted.
  }
}
