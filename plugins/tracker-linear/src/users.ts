import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Linear } from "./client.ts";
import type { UserFilter } from "./inputs.ts";
import { isUuid } from "./reference.ts";

export interface UserInfo {
  id: string;
  displayName: string;
}

const FIELDS = "id displayName";

/** By id, address, display name or name; null: the account of the key. Throws NOT_FOUND, or AMBIGUOUS for a name of several. */
export async function userOf(linear: Linear, wanted: string | null, options: CallOptions): Promise<UserInfo> {
  if (wanted === null) {
    const what = "find out whose key it is";
    const { viewer } = await linear.ask<{ viewer: UserInfo }>(
      `query Viewer { viewer { ${FIELDS} } }`,
      {},
      { what, ...options },
    );
    return viewer;
  }
  const names = ["displayName", "email", "name"] as const;
  const filter: UserFilter = isUuid(wanted)
    ? { id: { eq: wanted } }
    : { or: names.map((name) => ({ [name]: { eqIgnoreCase: wanted } })) };
  const query = `query Users($filter: UserFilter) { users(filter: $filter, first: 10) { nodes { ${FIELDS} } } }`;
  const what = `find the user ${wanted}`;
  const { users } = await linear.ask<{ users: { nodes: UserInfo[] } }>(query, { filter }, { what, ...options });
  const exact = users.nodes.filter(({ displayName }) => displayName.toLowerCase() === wanted.toLowerCase());
  const found = exact.length === 1 ? exact : users.nodes;
  const [user] = found;
  if (user === undefined) {
    throw new AoError("NOT_FOUND", `Linear has no user ${wanted}`, { hint: "Use the display name or the address." });
  }
  if (found.length === 1) return user;
  throw new AoError("AMBIGUOUS", `several users of Linear are called ${wanted}`, { hint: "Use the address." });
}
