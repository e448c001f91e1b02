import { isSafeAddress } from "@agent-orchestrator/plugin-kit/http/addresses";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";
import { MEMBER_NAMES, READINGS, strangeNames, type Template } from "./template.ts";

const Id = z.string().regex(/^[\w.@:+-]{1,200}$/, "must be an id");

const MAX_DEPTH = 10;
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

/** The keys of a notifier with `plugin: composio`. See docs/slots/notifier.md. No message of theirs repeats a value. */
const Keys = z.strictObject({
  apiKey: z
    .string()
    .min(8)
    .max(500)
    .regex(/^[\x21-\x7e]+$/, "must be visible ASCII"),
  /** `SLACK_SEND_MESSAGE` */
  tool: z.string().regex(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/, "must be a tool's slug, such as SLACK_SEND_MESSAGE"),
  /** Of the tool's toolkit, so that its arguments don't change. */
  version: z.string().regex(/^\d{8}_\d{2}$/, "must be a version of the toolkit, such as 20250909_00"),
  /** What the tool gets, with `{{title}}` and the like. */
  arguments: z
    .record(z.string(), z.json())
    .refine((value) => depthOf(value) <= MAX_DEPTH, `must not be nested deeper than ${MAX_DEPTH} levels`)
    .refine(
      (value) => strangeNames(value as Template).length === 0,
      `may only name {{${MEMBER_NAMES.join("}}, {{")}}}, and only in values`,
    ),
  /** How the tool reads texts. */
  text: z.enum(READINGS).default("plain"),
  /** Which connection of the user's the tool uses. */
  connectedAccountId: Id.optional(),
  /** Whose connection. */
  userId: Id.optional(),
  baseURL: z
    .string()
    .max(2_000)
    .refine(isSafeAddress, "must be an https address without user and password, or one of this machine")
    .default("https://backend.composio.dev"),
});

export type Options = Omit<z.infer<typeof Keys>, "arguments"> & { arguments: Record<string, Template> };

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  return checkedOptions(Keys, config, {
    of: "notifier `composio`",
    page: "docs/slots/notifier.md",
    also: ({ connectedAccountId, userId }) =>
      connectedAccountId === undefined && userId === undefined
        ? ["connectedAccountId: is missing, and so is userId. One of them says whose connection is used"]
        : [],
  }) as Options;
}
