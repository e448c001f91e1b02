import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { makeTempDir, removeDir } from "./temp-dir.ts";
import { waitFor } from "./wait-for.ts";

/** Why the tests with a real engine are skipped here. Null if they can run. */
export function whyNoDockerd(): string | null {
  if (process.env.AO_TEST_DOCKER === "0") return "AO_TEST_DOCKER=0";
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "it takes Linux and root to run a Docker engine of one's own";
  const lacking = [
    ["dockerd", "docker.io"],
    ["tini-static", "tini"],
  ].filter(([name = ""]) => !isOnPath(name));
  return lacking.length === 0 ? null : `not installed: ${lacking.map(([, name]) => name).join(", ")}`;
}

const isOnPath = (name: string): boolean =>
  ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"].some((dir) => existsSync(join(dir, name)));

export interface TestEngine {
  /** `unix://…` */
  host: string;
  /** An image with this machine's own programs: an empty root, into which `/usr` is mounted. */
  image: string;
  /** The options with which a container has them. */
  options: {
    host: string;
    image: string;
    user: string;
    network: string;
    mounts: unknown[];
    graceMs: number;
    pull: "never";
  };
  docker(...args: string[]): string;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Alone in a folder of its own, without a bridge and without a rule in the machine's firewall. */
const QUIET = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"];
const IMAGE = "ao-test/host:1";

export async function startDockerd(...more: string[]): Promise<TestEngine> {
  const dir = makeTempDir("ao-dockerd");
  const host = `unix://${join(dir, "d.sock")}`;
  const pidFile = join(dir, "pid");
  const docker = (...args: string[]): string =>
    execFileSync("docker", ["-H", host, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  let ref = { pid: 0, startId: "" };

  async function start(): Promise<void> {
    const log = openSync(join(dir, "log"), "a");
    const folders = ["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec"), "--pidfile", pidFile];
    spawn("dockerd", ["-H", host, ...folders, ...QUIET, ...more], {
      stdio: ["ignore", log, log],
      detached: true,
    }).unref();
    await waitFor(
      () => {
        try {
          return docker("version", "--format", "{{.Server.Version}}") !== "";
        } catch {
          return false; // Not yet.
        }
      },
      { timeoutMs: 60_000 },
    );
    const pid = Number(readFileSync(pidFile, "utf8"));
    ref = { pid, startId: startIdOf(pid) ?? "" };
  }

  async function stop(): Promise<void> {
    if (isRunning(ref)) process.kill(ref.pid, "SIGTERM");
    await waitFor(() => !isRunning(ref), { timeoutMs: 60_000 });
  }

  await start();
  importImage(dir, docker);
  const usr = { source: "/usr", target: "/usr", readOnly: true };
  return {
    host,
    image: IMAGE,
    options: { host, image: IMAGE, user: "0:0", network: "none", mounts: [usr], graceMs: 500, pull: "never" },
    docker,
    start,
    stop,
    async remove() {
      const left = docker("ps", "-aq").split("\n").filter(Boolean);
      if (left.length > 0) docker("rm", "-f", "-v", ...left);
      await stop();
      for (const place of ["data", "exec"]) unmountFrom(join(dir, place));
      removeDir(dir);
    },
  };
}

function importImage(dir: string, docker: (...args: string[]) => string): void {
  const root = join(dir, "root");
  for (const name of ["usr", "etc", "tmp", "proc", "sys", "dev", "run", "home", "sbin"])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) if (existsSync(`/${name}`)) symlinkSync(`usr/${name}`, join(root, name));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
  execFileSync("tar", ["-C", root, "-cf", join(dir, "root.tar"), "."]);
  docker("import", join(dir, "root.tar"), IMAGE);
}

/** What an engine that was killed left mounted. */
function unmountFrom(dir: string): void {
  const points = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const point of points.filter((each) => each === dir || each.startsWith(`${dir}/`)).reverse())
    execFileSync("umount", ["-l", point]);
}
