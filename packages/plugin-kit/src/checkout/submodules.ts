import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { repoConfig } from "../git/config.ts";
import { type GitHost, git } from "../git/run.ts";

const DEADLINE_MS = 120_000;

export interface Submodules {
  /** Of the project's repository. */
  commonDir: string;
  /** The checkout whose submodules are filled. */
  path: string;
  settings?: readonly string[];
  signal?: AbortSignal | undefined;
}

/**
 * Fills submodules, where there are any. Their addresses come from a file of the repository, so only transports that reach
 * out are allowed; `file` (and plain paths) when the user's own config says `protocol.file.allow=always`, as git itself
 * asks for since CVE-2022-39253. A submodule that cannot be had is a note, not the end of the session.
 */
export async function fillSubmodules(
  host: GitHost,
  { commonDir, path, settings, signal }: Submodules,
): Promise<string[]> {
  const modules = await lstat(join(path, ".gitmodules")).catch(() => null);
  if (modules?.isFile() !== true) return [];
  const { user } = await repoConfig(host, commonDir);
  const isFileAllowed = user.findLast(({ key }) => key === "protocol.file.allow")?.value === "always";
  try {
    const args = ["submodule", "--quiet", "update", "--init", "--recursive", "--checkout", "--force"];
    await git(host, [...(settings ?? []).flatMap((setting) => ["-c", setting]), ...args], {
      cwd: path,
      extraEnv: {
        GIT_ALLOW_PROTOCOL: `git:http:https:ssh${isFileAllowed ? ":file" : ""}`,
        GIT_SSH_COMMAND: host.env().GIT_SSH_COMMAND ?? "ssh -oBatchMode=yes",
      },
      timeoutMs: DEADLINE_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    return [];
  } catch (error) {
    if (!isAoError(error)) throw error;
    const said = String(error.details?.stderr ?? error.message);
    const line = said.split("\n").find((text) => text.startsWith("fatal:")) ?? error.message;
    return [`submodules were left empty: ${line.replace(/^fatal: /, "").slice(0, 200)}`];
  }
}
