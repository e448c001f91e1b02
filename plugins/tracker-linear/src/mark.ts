/** The last line of what `ao` writes under the user's own name. Linear shows Markdown comments, so it is one that people can read. */
const MARK = "*Written by ao.*";

export const marked = (body: string): string => `${body.trim()}\n\n${MARK}`;

/** The mark within a text is somebody's quotation of ours. */
export const isOurs = (body: string): boolean =>
  /^[*_]Written by ao\.[*_]$/.test(body.trimEnd().split("\n").at(-1) ?? "");
