import { z } from "zod";

/**
 * What a button on a channel stands for: which session, and the state it was offered for. An action whose state has changed since is
 * refused. Written as a URL query, `answer?session=app-3&dialog=d1&choice=2`, so that any channel can carry it.
 */
export const Callback = z.discriminatedUnion("kind", [
  /** Choice number 1 and up, of this dialog. */
  z.strictObject({
    kind: z.literal("answer"),
    session: z.string(),
    dialog: z.string(),
    choice: z.coerce.number().int(),
  }),
  /** The pull request at this head. */
  z.strictObject({ kind: z.literal("merge"), session: z.string(), head: z.string() }),
  z.strictObject({ kind: z.literal("approve"), session: z.string(), head: z.string() }),
  /** After this launch ended. */
  z.strictObject({ kind: z.literal("restore"), session: z.string(), launch: z.coerce.number().int() }),
  /** Its terminal, on this machine. */
  z.strictObject({ kind: z.literal("open"), session: z.string() }),
]);
export type Callback = z.infer<typeof Callback>;

export function formatCallback({ kind, ...rest }: Callback): string {
  const query = new URLSearchParams(Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]));
  return `${kind}?${query.toString()}`;
}

/** Slack's limit on a button's value is the smallest that we know. */
const MAX = 2_000;

/** Null for anything that `formatCallback` has not made. */
export function parseCallback(text: string): Callback | null {
  if (text.length > MAX) return null;
  const [kind = "", query = ""] = text.split("?", 2);
  const found = Callback.safeParse({ kind, ...Object.fromEntries(new URLSearchParams(query)) });
  return found.success && formatCallback(found.data) === text ? found.data : null;
}
