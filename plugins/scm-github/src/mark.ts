/** A comment in Markdown that people don't see: what `ao` and agents wrote through `ao`, under the user's own login. */
const MARK = "<!-- written by ao -->";

export const marked = (body: string): string => `${body.trimEnd()}\n\n${MARK}`;

export const isOurs = (body: string): boolean => body.includes(MARK);
