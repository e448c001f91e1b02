// A network namespace with nothing but loopback: what runs in it can reach this machine's own servers and nobody else.
import { spawnSync } from "node:child_process";

const UP = "ip link set lo up";

/** argv to put in front of a program; a string: why there can be none. */
export function loopbackOnly() {
  if (process.platform !== "linux") return `network namespaces are Linux's, this is ${process.platform}`;
  if (spawnSync("unshare", ["--version"]).error) return "unshare (util-linux) is missing";
  if (spawnSync("ip", ["-V"]).error) return "ip (iproute2) is missing";
  const ways = process.getuid() === 0 ? [["-n"], ["-Urn"]] : [["-Urn"]];
  for (const way of ways) {
    const tried = spawnSync("unshare", [...way, "sh", "-c", UP], { stdio: "ignore" });
    if (tried.status === 0) return ["unshare", ...way, "sh", "-c", `${UP} && exec "$@"`, "sh"];
  }
  return "no right to make a network namespace (unshare -n)";
}
