/** What a request says about where it comes from. Headers as they were sent, none joined. */
export interface Seen {
  method: string;
  url: string;
  hosts: readonly string[];
  origins: readonly string[];
  sites: readonly string[];
  /** `Sec-Fetch-Mode` and `Sec-Fetch-Dest`. */
  mode: string | undefined;
  dest: string | undefined;
}

export interface Refusal {
  status: number;
  text: string;
}

/** Under which names the door answers on this port. A name that another site can point here is not among them. */
export const hostsOf = (port: number): string[] =>
  ["127.0.0.1", "localhost", "[::1]"].map((name) => (port === 80 ? name : `${name}:${port}`));

const WRONG_HOST = { status: 421, text: "this address is not one of ao's" };
const FOREIGN = { status: 403, text: "another site asks" };

/**
 * Whether a request may come from the dashboard's own page, or from no page at all. Browsers say where a request comes from, and a
 * page can't change that. `isPage`: the address is one that people open; then a link on any site may lead there, as a whole page.
 */
export function refusalOf(seen: Seen, { port, isPage }: { port: number; isPage: boolean }): Refusal | null {
  if (!seen.url.startsWith("/") || seen.url.startsWith("//")) return { status: 400, text: "not a path" };
  const [host, ...otherHosts] = seen.hosts;
  if (host === undefined || otherHosts.length > 0 || !hostsOf(port).includes(host.toLowerCase())) return WRONG_HOST;
  const [origin, ...otherOrigins] = seen.origins;
  if (otherOrigins.length > 0 || seen.sites.length > 1) return FOREIGN;
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return FOREIGN;
  const [site] = seen.sites;
  if (site === undefined || site === "same-origin") return null;
  const isOpened = isPage && seen.method === "GET" && seen.mode === "navigate" && seen.dest === "document";
  return isOpened ? null : FOREIGN;
}

/** The values of one header, each as it was sent. Node joins or drops repeated ones. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) found.push(rawHeaders[i + 1] ?? "");
  }
  return found;
}
