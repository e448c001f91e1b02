// A network namespace with only loopback. What runs in it can reach this machine's own servers and nothing else.
import { spawnSync } from "node:child_process";

const UP = "ip link set lo up";

/** The argv to put in front of a program, or a string that says why there is none. */
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
