import { BlockList, isIP } from "node:net";

/** Networks that are not the public internet (IANA's special-purpose registries). */
const PRIVATE: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3], // multicast, reserved and broadcast
  ["::", 96], // unspecified, loopback, and IPv4 in a form that nobody uses any more
  ["100::", 64],
  ["2001::", 32], // Teredo carries an IPv4 address
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

const LOOPBACK: typeof PRIVATE = [
  ["127.0.0.0", 8],
  ["::1", 128],
];

const blocked = listOf(PRIVATE);
const loopback = listOf(LOOPBACK);

function listOf(networks: typeof PRIVATE): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, network.includes(":") ? "ipv6" : "ipv4");
  return list;
}

/** `[::1]` as it is in a URL, or `::1`. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");

const isIn = (list: BlockList, address: string): boolean => {
  const inner = ipv4Within(address) ?? address;
  return list.check(inner, isIP(inner) === 6 ? "ipv6" : "ipv4");
};

/** True for an address that is not on the public internet, and for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const plain = bare(address);
  return isIP(plain) === 0 || isIn(blocked, plain);
}

/**
 * True if a URL's host is certainly not on the public internet: an address, or a name that is only ever local. Null if that
 * depends on what the name resolves to.
 */
export function isPrivateHost(host: string): boolean | null {
  const plain = bare(host).toLowerCase().replace(/\.$/, "");
  if (isIP(plain) !== 0) return isIn(blocked, plain);
  return !plain.includes(".") || /\.(localhost|local|internal|home\.arpa)$/.test(plain) ? true : null;
}

export function isLoopbackHost(host: string): boolean {
  const plain = bare(host).toLowerCase().replace(/\.$/, "");
  return plain === "localhost" || plain.endsWith(".localhost") || (isIP(plain) !== 0 && isIn(loopback, plain));
}

/** The IPv4 address that an IPv6 one stands for: mapped (`::ffff:`), NAT64 (`64:ff9b::`) or 6to4 (`2002:`). */
function ipv4Within(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const words = wordsOf(address);
  const at = (index: number): number => words[index] ?? 0;
  const isMapped = words.slice(0, 5).every((word) => word === 0) && at(5) === 0xffff;
  const isNat64 = at(0) === 0x64 && at(1) === 0xff9b;
  if (isMapped || isNat64) return dotted(at(6), at(7));
  return at(0) === 0x2002 ? dotted(at(1), at(2)) : null;
}

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");

/** The eight words of an IPv6 address, with `::` and a dotted end written out. */
function wordsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = hex.split("::");
  const parse = (text: string) => (text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16)));
  const [first, last] = [parse(head), parse(tail ?? "")];
  return tail === undefined ? first : [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/** An address that a key may be sent to: https, or http on this machine, without user and password. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isEncrypted = protocol === "https:" || (protocol === "http:" && isLoopbackHost(hostname));
  return isEncrypted && username === "" && password === "";
}
