import { chmod, lstat, realpath } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { throughAsync } from "@agent-orchestrator/core/host/guarded";
import type { GitSetting, PushGuardOptions } from "@agent-orchestrator/core/slots/workspace";
import { makeFolder, readOwn } from "../files/folders.ts";
import { writeWhole } from "../files/write-durable.ts";
import { configText, listOwnConfig } from "../git/config.ts";
import type { GitHost } from "../git/run.ts";
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
  host: GitHost,
  checkout: Checkout,
  { branch, folder, at }: Omit<PushGuardOptions, "sessionId"> & { folder: string },
): Promise<GitSetting> {
  await makeFolder(folder);
  const write = async (name: string, text: string) => {
    await writeWhole(join(folder, name), text);
    await throughAsync(join(folder, name), (path) => chmod(path, 0o700));
  };
  await writeWhole(join(folder, "branch"), `${branch}\n`);
  await write("pre-push", prePush(at));
  for (const name of [...HOOKS, ...(await frequentHooks(host, checkout))]) {
    // A hook manager that the agent runs puts its own here. Those stay.
    if ((await readOwn(join(folder, name)))?.includes(MARK) !== false) await write(name, ownHook(at));
  }
  const settings = join(folder, "config");
  await writeWhole(settings, configText([{ key: "core.hooksPath", value: folder, scope: "command" }]));
  return { key: `includeIf.gitdir:${literal(await realpath(checkout.gitDir))}.path`, value: settings };
}

/** Git takes the condition for a pattern. */
const literal = (path: string): string => path.replace(/[[\]*?\\]/g, "\\$&");

async function frequentHooks(host: GitHost, { commonDir, path }: Checkout): Promise<string[]> {
  const own = await listOwnConfig(host, commonDir).catch(() => []); // an invalid file, which git itself reports
  const set = own.findLast(({ key }) => key === "core.hookspath")?.value ?? null;
  const dir = set === null ? join(commonDir, "hooks") : isAbsolute(set) ? set : join(path, set);
  const found = await Promise.all(FREQUENT_HOOKS.map((name) => lstat(join(dir, name)).catch(() => null)));
  return FREQUENT_HOOKS.filter((_, index) => found[index] !== null);
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
