import type { ContainerCreateOptions } from "dockerode";
import type { DockerOptions } from "./options.ts";

export interface Bind {
  source: string;
  target: string;
  readOnly: boolean;
}

export interface ContainerPlan {
  name: string;
  image: string;
  user: string;
  workingDir: string;
  argv: string[];
  labels: Record<string, string>;
  binds: readonly Bind[];
  /** Of the engine's machine. */
  cpus: number;
}

/** A terminal's answer to "what are you", and nothing of the session: its environment is handed over at the start. */
const ENV = ["TERM=xterm-256color", "COLORTERM=truecolor"];
const DEFAULT_CPUS = 2;

/** What the engine is asked for. Never privileged, no capability, no way to get one, and limits on everything. */
export function containerOptions(options: DockerOptions, plan: ContainerPlan): ContainerCreateOptions {
  const { memory, pids, network, init, readOnlyRoot, gpus, platform } = options;
  const cpus = options.cpus ?? Math.min(DEFAULT_CPUS, plan.cpus);
  return {
    name: plan.name,
    Image: plan.image,
    User: plan.user,
    WorkingDir: plan.workingDir,
    Entrypoint: plan.argv,
    Cmd: [],
    Env: ENV,
    Labels: plan.labels,
    Tty: true,
    OpenStdin: true,
    StopSignal: "SIGTERM",
    ...(platform === undefined ? {} : { platform }),
    ExposedPorts: Object.fromEntries(options.ports.map((port) => [`${portsOf(port).inside}/tcp`, {}])),
    HostConfig: {
      Mounts: mountsOf([...plan.binds, ...options.mounts]),
      NetworkMode: network,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(cpus * 1e9),
      PidsLimit: pids,
      Privileged: false,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: readOnlyRoot,
      ...(readOnlyRoot
        ? { Tmpfs: { "/tmp": "rw,exec,nosuid,nodev,mode=1777", "/run": "rw,nosuid,nodev,mode=755" } }
        : {}),
      Init: init,
      IpcMode: "private",
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2", compress: "false" } },
      PortBindings: Object.fromEntries(options.ports.map((port) => bindingOf(port))),
      ...(gpus === undefined
        ? {}
        : { DeviceRequests: [{ Driver: "", Count: gpus === "all" ? -1 : gpus, Capabilities: [["gpu"]] }] }),
    },
  };
}

type Mounts = NonNullable<NonNullable<ContainerCreateOptions["HostConfig"]>["Mounts"]>;

/** Outer folders first. Of two for one place, the last one counts. */
function mountsOf(binds: readonly Bind[]): Mounts {
  const byTarget = new Map(binds.map((bind) => [bind.target, bind]));
  return [...byTarget.values()]
    .sort((a, b) => (a.target < b.target ? -1 : 1))
    .map(({ source, target, readOnly }) => ({
      Type: source.startsWith("/") ? ("bind" as const) : ("volume" as const),
      Source: source,
      Target: target,
      ReadOnly: readOnly,
    }));
}

type Port = DockerOptions["ports"][number];

function portsOf(port: Port): { outside: string; inside: string } {
  const [outside = "", inside = outside] = String(port).split(":");
  return { outside, inside };
}

function bindingOf(port: Port): [string, { HostIp: string; HostPort: string }[]] {
  const { outside, inside } = portsOf(port);
  return [`${inside}/tcp`, [{ HostIp: "127.0.0.1", HostPort: outside }]];
}
