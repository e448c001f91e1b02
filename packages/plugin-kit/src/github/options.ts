import { ScmIdentity } from "@agent-orchestrator/core/model/config-plugin";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import { z } from "zod";

/** How a plugin reaches GitHub. The same keys in `tracker` and `scm`. */
export const AccessOptions = z.strictObject({
  /** A classic or fine-grained token. */
  token: z.string().min(1).optional(),
  /** The REST root as Octokit takes it: `https://host/api/v3` for GitHub Enterprise. Plain http for this machine only. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeUrl, "must be https, except on this machine")
    .optional(),
  /** An installation of a GitHub App. */
  app: z
    .strictObject({
      id: z.union([z.string(), z.number()]),
      installationId: z.number().int(),
      privateKeyFile: z.string().min(1),
    })
    .optional(),
});
export type AccessOptions = z.infer<typeof AccessOptions>;

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || LOCAL_HOSTS.has(hostname);
}

export const PUBLIC_API = "https://api.github.com";

/** The address is that of github.com. */
export const isPublic = (baseUrl: string = PUBLIC_API): boolean => baseUrl === PUBLIC_API;

/** A repository on a forge. */
export interface RepoName {
  owner: string;
  name: string;
}

/** Of `owner/name`. Null if it is something else. */
export function parseRepo(text: string | null | undefined): RepoName | null {
  const parts = /^([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))\/([A-Za-z0-9._-]{1,100})$/.exec(text ?? "");
  if (parts === null || parts[1] === undefined || parts[2] === undefined) return null;
  return { owner: parts[1], name: parts[2].replace(/\.git$/, "") };
}

/** The web address that belongs to a REST root: `https://github.com` for the public one. */
export function webUrl(baseUrl: string = PUBLIC_API): string {
  const { protocol, host } = new URL(baseUrl);
  return host === "api.github.com" ? "https://github.com" : `${protocol}//${host}`;
}

/** The account that the project's scm of the same plugin writes with. Undefined if there is none. */
export function identityOf(project: ProjectConfig | undefined): ScmIdentity | undefined {
  if (project === undefined || project.scm.plugin !== project.tracker.plugin) return undefined;
  return ScmIdentity.safeParse(project.scm.options.identity).data;
}

/** With the options of the scm, as far as the tracker of the same plugin has none of its own. */
export function accessOf(own: AccessOptions, project: ProjectConfig | undefined): AccessOptions {
  if (project === undefined || project.scm.plugin !== project.tracker.plugin) return own;
  const { token, baseUrl, app } = project.scm.options;
  const shared = AccessOptions.safeParse({ token, baseUrl, app }).data ?? {};
  const isOwnAccount = own.token !== undefined || own.app !== undefined;
  return isOwnAccount ? { baseUrl: shared.baseUrl, ...own } : { ...shared, ...own };
}
