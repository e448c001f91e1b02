import { BlockList, isIP } from "node:net";
import { isLoopbackHost } from "./addresses.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The lower-case name wins, as in curl. HTTP_PROXY in capitals could be a header of a CGI request, which this never is. */
const read = (env: Env, name: string): string => (env[name.toLowerCase()] || env[name] || "").trim();

/**
 * The proxy for a URL, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. Null for none, which always holds for this machine
 * itself. A value without a scheme is an http proxy. Throws TypeError for a value that is no URL.
 */
export function proxyFor(url: URL, env: Env): URL | null {
  if (isLoopbackHost(url.hostname)) return null;
  const value = read(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") || read(env, "ALL_PROXY");
  if (value === "" || isExcepted(url, read(env, "NO_PROXY"))) return null;
  return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
}

/** NO_PROXY: names (with everything below them), addresses, networks (`10.0.0.0/8`), each with an optional port, or `*`. */
function isExcepted(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => isMatch(entry.toLowerCase(), { host, port }));
}

function isMatch(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === "*") return true;
  if (isIP(host) !== 0 && entry.includes("/")) return isInNetwork(host, entry);
  // `host`, `host:port`, `[::1]:port`. Anything else, such as `::1`, is an address without a port.
  const split = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry);
  const name = split?.[1] ?? split?.[2] ?? entry;
  const only = split?.[3];
  if (only !== undefined && only !== port) return false;
  const plain = name.replace(/^\*?\./, "");
  return host === plain || host.endsWith(`.${plain}`);
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = "", prefix = ""] = entry.split("/");
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  const kind = family === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, Number(prefix), kind);
  return list.check(host, kind);
}
