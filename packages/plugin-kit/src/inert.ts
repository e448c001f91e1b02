/** One of Unicode's joiners. It is not shown, and no client takes what it is in for a link or a mention. */
const JOINER = "\u2060";

/**
 * A stranger's text in which clients that look for links, mentions, channels and emoji on their own find none: `https://`, `evil.com`,
 * `@everyone`, `<!channel>`, `#general`, `/command`, `:tada:`. It looks the same.
 */
export const inert = (text: string): string =>
  text
    .replace(/:(?=\S)/g, `:${JOINER}`)
    .replace(/(?<=[\p{L}\p{N}\p{M}_-])([.\u3002\uff0e\uff61])(?=[\p{L}\p{N}])/gu, `$1${JOINER}`)
    .replace(/[<@#\uff20\uff03\\]/g, `$&${JOINER}`)
    .replace(/(?<![^\s([{"'])\/(?=\S)/g, `/${JOINER}`);
