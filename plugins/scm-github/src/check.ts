import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { scopesIn } from "@agent-orchestrator/plugin-kit/github/errors";
import { sayIn } from "@agent-orchestrator/plugin-kit/github/missing";
import type { Desk } from "./desk.ts";
import { target } from "./scm.ts";

type Row = { ok: boolean; text: string; hint?: string };

/** Who we are on GitHub, what we may do there, and what is left of the quotas. */
export async function check(desk: Desk, options?: CallOptions): Promise<Row[]> {
  const name = `${desk.repo.owner}/${desk.repo.name}`;
  try {
    const step = () => desk.github.rest.repos.get(target(desk, options));
    const what = `reach ${name} on GitHub`;
    const seen = await sayIn(desk.github, { what, place: { repo: desk.repo }, step }, options);
    const login = await desk.me(options);
    const who = `${login} (token from ${desk.github.tokenSource() ?? "the config"})`;
    return [rightsRow(name, who, seen), ...(await identityRows(desk, name, options)), ...quotaRows(desk)];
  } catch (error) {
    options?.signal?.throwIfAborted();
    const { message, hint } = toAoError(error);
    return [{ ok: false, text: message, ...(hint === undefined ? {} : { hint }) }];
  }
}

/** The account in `identity` has rights of its own. */
async function identityRows(desk: Desk, name: string, options?: CallOptions): Promise<Row[]> {
  const { writer, github } = desk;
  if (writer === github) return [];
  const seen = await writer.say(`reach ${name} on GitHub with the token in \`identity\``, () =>
    writer.rest.repos.get(target(desk, options)),
  );
  return [rightsRow(name, `${await desk.writerLogin(options)} (token from \`identity\`)`, seen)];
}

interface Repository {
  full_name: string;
  archived: boolean;
  private: boolean;
  permissions?: { push?: boolean };
}

function rightsRow(name: string, who: string, seen: { data: Repository; headers: Record<string, unknown> }): Row {
  const { full_name, archived, permissions } = seen.data;
  if (archived) return { ok: false, text: `${name} is archived on GitHub: nothing can be pushed there` };
  if (permissions?.push !== true) {
    const hint = "Use a token that may write contents and pull requests (classic: the scope `repo`).";
    return { ok: false, text: `${who} may read ${name}, but not write to it`, hint };
  }
  // The permissions are the account's, whatever a classic token was given of them.
  const scopes = scopesIn(seen.headers);
  const fit = seen.data.private ? ["repo"] : ["repo", "public_repo"];
  if (scopes !== null && !scopes.some((scope) => fit.includes(scope))) {
    const hint = `Give the token the scope \`${fit.join("` or `")}\`. It has: ${scopes.join(", ") || "none"}.`;
    return { ok: false, text: `${who} may write to ${name}, but this token lacks the scope for it`, hint };
  }
  if (full_name.toLowerCase() !== name.toLowerCase()) {
    return { ok: false, text: `${name} is now ${full_name}`, hint: "Change `repo` in the config." };
  }
  return { ok: true, text: `${name} on GitHub can be reached as ${who}` };
}

function quotaRows({ github }: Desk): Row[] {
  const { quotas, requests, notModified } = github.http.budget();
  return quotas.map(({ resource, limit, remaining, resetAt, reserved }) => ({
    ok: remaining > reserved,
    text: `GitHub quota ${resource}: ${remaining} of ${limit} left until ${resetAt}; ao has made ${requests} requests, ${notModified} of them free`,
  }));
}
