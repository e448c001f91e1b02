import { isPrivateHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";
import { FORMAT_NAMES, type FormatName, NEEDS_CHAT, NEEDS_TOKEN, TAKES_TOKEN } from "./formats/formats.ts";

const VISIBLE = /^[\x21-\x7e]+$/;
/** Belong to the connection, or are ours. */
const OWN_HEADERS = new Set([
  ...["host", "connection", "keep-alive", "content-length", "content-type", "transfer-encoding", "upgrade", "te"],
  ...["trailer", "expect", "ao-signature", "ao-timestamp", "idempotency-key"],
]);

const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "not the name of a header")
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), "is set by ao itself");

const Address = z
  .string()
  .max(4096)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "must be an http or https address")
  .refine(hasNoUser, "must not contain a user or a password. Use `headers` or `token`");

/** The keys of a notifier with `plugin: webhook`. See docs/slots/notifier.md. No message of theirs repeats a value. */
const Keys = z.strictObject({
  /** Where it is sent. Only Telegram has a default. */
  url: Address.optional(),
  format: z.enum(FORMAT_NAMES).default("json"),
  /** Signs each request. */
  secret: z.string().min(16, "must have at least 16 characters").max(4096).optional(),
  headers: z.record(HeaderName, z.string().regex(/^[\x20-\x7e]{0,4096}$/, "must be one line of ASCII")).default({}),
  /** Of a bot (telegram), an application (gotify) or a user (ntfy). */
  token: z.string().max(150).regex(VISIBLE, "must be visible ASCII").optional(),
  /** Of Telegram: the id of a chat, or `@channel`. */
  chat: z.union([z.number().int(), z.string().regex(/^(-?\d{1,20}|@\w{1,64})$/, "not a chat of Telegram")]).optional(),
  /** Allows a private, link-local or loopback address, and there plain http. */
  allowPrivate: z.boolean().default(false),
  /** A file with certificates (PEM) to trust in addition. */
  ca: z.string().min(1).max(4096).optional(),
});

export type Options = z.infer<typeof Keys> & { url: string };

const TELEGRAM = "https://api.telegram.org";

export function parseOptions(config: Record<string, unknown> | undefined): Options {
  const told = { of: "notifier `webhook`", page: "docs/slots/notifier.md", also: problemsOf };
  const options = checkedOptions(Keys, config, told);
  return { ...options, url: options.url ?? TELEGRAM };
}

/** What one key says of another. */
function problemsOf({ format, url, token, chat, allowPrivate }: z.infer<typeof Keys>): string[] {
  const wrong = (isWrong: boolean, text: string): string[] => (isWrong ? [text] : []);
  const has = (formats: readonly FormatName[]) => formats.includes(format);
  return [
    ...wrong(url === undefined && format !== "telegram", "url: is missing"),
    ...wrong(token === undefined && has(NEEDS_TOKEN), `token: the format \`${format}\` needs one`),
    ...wrong(token !== undefined && !has(TAKES_TOKEN), `token: the format \`${format}\` has none. Use \`headers\``),
    ...wrong((chat === undefined) === has(NEEDS_CHAT), "chat: the format `telegram` needs it, and no other has it"),
    ...wrong(format === "ntfy" && url !== undefined && !isTopic(url), "url: must end with a topic of ntfy"),
    ...wrong(
      url !== undefined && isPlain(url, allowPrivate),
      "url: must be https, or a private address with `allowPrivate: true`",
    ),
  ];
}

function hasNoUser(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}

const isTopic = (url: string): boolean => /\/[-_A-Za-z0-9]{1,64}\/?$/.test(new URL(url).pathname);

/** A name may resolve to anything, so only an address that is certainly private may be without TLS. */
function isPlain(url: string, allowPrivate: boolean): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !(allowPrivate && isPrivateHost(hostname) === true);
}
