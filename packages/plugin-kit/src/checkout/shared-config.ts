import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigEntry, listOwnConfig } from "../git/config.ts";
import type { GitHost } from "../git/run.ts";
import type { Checkout } from "../git/view.ts";

/** Written by everyday work and by `ao` itself. */
const ORDINARY = /^(?:branch|lfs|maintenance|gc)\.|^submodule\..+\.(?:url|active)$|^extensions\.worktreeconfig$/;
const MAX_KEYS = 100;
const MAX_KEY_CHARS = 200;
const MAX_BYTES = 1 << 20;

const cache = new Map<string, { stamp: string; prints: Record<string, string> }>();

/**
 * The keys of the git config that this checkout shares with its whole repository, each with a fingerprint of its values. Null if
 * its config is its own, or cannot be read. Everyday keys, such as those of a branch, are left out.
 */
export async function sharedConfigOf(host: GitHost, checkout: Checkout): Promise<Record<string, string> | null> {
  const { commonDir, gitDir } = checkout;
  if (gitDir === commonDir) return null;
  const found = await stat(join(commonDir, "config"), { bigint: true }).catch(() => null);
  if (found === null || !found.isFile() || found.size > MAX_BYTES) return null;
  const stamp = `${found.ino}.${found.size}.${found.mtimeNs}`;
  const known = cache.get(commonDir);
  if (known?.stamp === stamp) return known.prints;
  const entries = await listOwnConfig(host, commonDir).catch(() => null); // an invalid file, which git itself reports
  if (entries === null) return null;
  const prints = fingerprints(entries.filter(({ key }) => !ORDINARY.test(key)));
  if (cache.size > 1_000) cache.clear();
  cache.set(commonDir, { stamp, prints });
  return prints;
}

function fingerprints(entries: readonly ConfigEntry[]): Record<string, string> {
  const values = new Map<string, (string | null)[]>();
  for (const { key, value } of entries) {
    const name = key.slice(0, MAX_KEY_CHARS);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_KEYS);
  return Object.fromEntries(
    sorted.map(([key, all]) => [key, createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 8)]),
  );
}
