import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { throughFolder } from "@agent-orchestrator/core/host/guarded";
import type { GitSetting, PushGuardOptions } from "@agent-orchestrator/core/slots/workspace";
import { makeFolder } from "../files/folders.ts";
import { readSmallFile } from "../files/read-small.ts";
import { configText } from "../git/config.ts";
import type { Checkout } from "../git/view.ts";

const MARK = "# Written by ao for one session, which removes it.";

/** The hooks that git runs on this side. `core.hooksPath` hides all of the repository's own, so each of these runs that one. */
const HOOKS = [
  "applypatch-msg",
  "pre-applypatch",
  "post-applypatch",
  "pre-commit",
  "pre-merge-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "pre-rebase",
  "post-checkout",
  "post-merge",
  "post-rewrite",
  "pre-auto-gc",
  "sendemail-validate",
];
/** Run several times for each command, so they are only there if the repository has them. */
const FREQUENT_HOOKS = ["reference-transaction", "post-index-change"];

/**
 * Hooks in a folder of the session that refuse to push anything but its branch, and the setting that makes git use them: in this
 * checkout, and for whoever gets the setting in their environment. Nothing is written to the repository or its config.
 */
export async function guardPushes(
  checkout: Checkout,
  { branch, folder, at }: Omit<PushGuardOptions, "sessionId"> & { folder: string },
): Promise<GitSetting> {
  const names = (await hasFrequentHooks(checkout)) ? [...HOOKS, ...FREQUENT_HOOKS] : HOOKS;
  await makeFolder(folder);
  await throughFolder(folder, async (dir) => {
    put(join(dir, "branch"), `${branch}\n`);
    put(join(dir, "config"), configText([{ key: "core.hooksPath", value: folder, scope: "command" }]));
    put(join(dir, "pre-push"), prePush(at), 0o700);
    for (const name of names) putUnlessForeign(join(dir, name), ownHook(at));
  });
  const gitDir = await realpath(checkout.gitDir);
  return { key: `includeIf.gitdir:${literal(gitDir)}.path`, value: join(folder, "config") };
}

/** Every start writes these, so without a thread for each. */
function put(path: string, text: string, mode = 0o600): void {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, text, { mode, flag: "wx" });
  renameSync(`${path}.new`, path);
}

/** A hook manager that the agent runs puts its own hooks there. Those stay. */
function putUnlessForeign(path: string, text: string): void {
  if (!existsSync(path)) {
    writeFileSync(path, text, { mode: 0o700, flag: "wx" });
    return;
  }
  const found = readFileSync(path, "utf8");
  if (found !== text && found.includes(MARK)) put(path, text, 0o700);
}

/** Git takes the condition for a pattern. */
const literal = (path: string): string => path.replace(/[[\]*?\\]/g, "\\$&");

/** They may also be where the repository's config leads. */
async function hasFrequentHooks({ commonDir }: Checkout): Promise<boolean> {
  const config = await readSmallFile(join(commonDir, "config")).catch(() => null); // git itself reports it
  if (config === null || /hookspath/i.test(config)) return true;
  return FREQUENT_HOOKS.some((name) => existsSync(join(commonDir, "hooks", name)));
}

/** Finds the repository's own hook as if our setting were not there. */
const findOwn = (at: number): string => `here=\${0%/*}
dir=$(GIT_CONFIG_VALUE_${at}=/dev/null git rev-parse --git-path hooks) || dir=$here
own=$dir/\${0##*/}
[ -x "$own" ] && [ "$dir" != "$here" ] || own=`;

const ownHook = (at: number): string => `#!/bin/sh
${MARK}
${findOwn(at)}
[ -z "$own" ] || exec "$own" "$@"
`;

const prePush = (at: number): string => `#!/bin/sh
${MARK}
${findOwn(at)}
read -r branch < "$here/branch"
refs=$(cat)
printf '%s\\n' "$refs" | while read -r _ _ there _; do
  if [ -n "$there" ] && [ "$there" != "refs/heads/$branch" ]; then
    printf 'ao: nothing was pushed. This session may push its branch %s, but not %s. \`ao pr create\` hands its branch in.\\n' \\
      "$branch" "\${there#refs/heads/}" >&2
    exit 1
  fi
done || exit 1
[ -n "$own" ] || exit 0
printf '%s' "$refs\${refs:+
}" | "$own" "$@"
`;
