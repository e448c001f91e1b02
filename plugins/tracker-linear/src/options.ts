import { isSafeAddress } from "@agent-orchestrator/plugin-kit/http/addresses";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

const Secret = z.string().regex(/^[\x21-\x7e]{1,4096}$/, "must be one word of visible ASCII");
const Name = z.string().min(1).max(200);

/** A state's name or id. Absent: found by its type. */
const States = z.strictObject({
  /** When an agent begins. */
  started: Name.optional(),
  /** When its pull request is open for review. */
  review: Name.optional(),
  /** When it was merged. */
  done: Name.optional(),
});

/** The keys of `tracker` with `plugin: linear`. See docs/slots/tracker.md. No message of theirs repeats a value. */
const Keys = z.strictObject({
  /** A personal key. Default: `LINEAR_API_KEY`. */
  apiKey: Secret.optional(),
  /** The access token of an OAuth app, instead of a key. Default: `LINEAR_ACCESS_TOKEN`. */
  accessToken: Secret.optional(),
  /** Key (`INT`) or id of the team with this project's issues. */
  team: Name.optional(),
  teamId: Name.optional(),
  /** Read by core as well: issues move through these as the session goes on. `false`: `ao` only sets the last one. */
  states: z.union([z.boolean(), States]).default(true),
  /** Read by core: a session's issue is assigned to `user`. */
  claim: z.boolean().default(false),
  /** Read by core: the issue is closed when its pull request merges. */
  closeOnMerge: z.boolean().default(true),
  /** Whose issues yours are: a name, a display name or an address. Default: the account of the key. */
  user: Name.optional(),
  /** Another address of the API, such as a proxy's. */
  apiUrl: z.string().refine(isSafeAddress, "must be an https address").default("https://api.linear.app/graphql"),
});

export type StateNames = z.infer<typeof States>;
export type Options = Omit<z.infer<typeof Keys>, "team" | "teamId" | "states"> & { team: string; states: StateNames };

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  const told = { prefix: "tracker", page: "docs/slots/tracker.md", also: problemsOf };
  const { team, teamId = "", states, ...rest } = checkedOptions(Keys, config, told);
  return { ...rest, team: team ?? teamId, states: typeof states === "object" ? states : {} };
}

function problemsOf({ team, teamId, apiKey, accessToken }: z.infer<typeof Keys>): string[] {
  return [
    team === undefined && teamId === undefined && "tracker `linear` needs `team`, such as `team: INT`",
    team !== undefined && teamId !== undefined && "tracker.team and tracker.teamId mean the same: set one of them",
    apiKey !== undefined && accessToken !== undefined && "tracker.apiKey and tracker.accessToken: set one of them",
  ].filter((problem) => typeof problem === "string");
}
