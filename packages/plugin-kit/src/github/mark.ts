/** A comment in Markdown that people don't see: what `ao` and agents wrote through `ao`, under the user's own login. */
const MARK = "<!-- written by ao -->";

export const marked = (body: string): string => `${body.trimEnd()}\n\n${MARK}`;

/** The mark within a text is somebody's quotation of ours. */
export const isOurs = (body: string): boolean => body.trimEnd().split("\n").at(-1) === MARK;
