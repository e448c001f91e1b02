import { expect, test } from "vitest";
import { type ContainerPlan, containerOptions } from "./container-options.ts";
import { parseOptions } from "./options.ts";

const PLAN: ContainerPlan = {
  name: "ao-x",
  image: "image:1",
  user: "1000:1000",
  workingDir: "/project",
  argv: ["/bin/sh"],
  labels: { "ao.home": "h" },
  binds: [
    { source: "/project/sub", target: "/project/sub", readOnly: true },
    { source: "/project", target: "/project", readOnly: false },
  ],
  cpus: 8,
};

const host = (config: Record<string, unknown>, plan: Partial<ContainerPlan> = {}) =>
  containerOptions(parseOptions(config), { ...PLAN, ...plan }).HostConfig ?? {};

test("without options a container has limits, no rights, and outer mounts first", () => {
  expect(containerOptions(parseOptions({}), PLAN)).toMatchObject({
    name: "ao-x",
    Image: "image:1",
    User: "1000:1000",
    Env: ["TERM=xterm-256color", "COLORTERM=truecolor"],
    Tty: true,
    OpenStdin: true,
  });
  expect(host({})).toMatchObject({
    Privileged: false,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    IpcMode: "private",
    Memory: 4 * 1024 ** 3,
    MemorySwap: 4 * 1024 ** 3,
    NanoCpus: 2e9,
    PidsLimit: 1_024,
    NetworkMode: "bridge",
    Init: true,
    LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2" } },
    Mounts: [
      { Type: "bind", Source: "/project", Target: "/project", ReadOnly: false },
      { Type: "bind", Source: "/project/sub", Target: "/project/sub", ReadOnly: true },
    ],
  });
});

test.each<[Record<string, unknown>, object]>([
  [{ memory: "512m" }, { Memory: 512 * 1024 ** 2, MemorySwap: 512 * 1024 ** 2 }],
  [{ memory: "1.5G" }, { Memory: 1.5 * 1024 ** 3 }],
  [{ memory: 123456789 }, { Memory: 123456789 }],
  [{ cpus: 0.5 }, { NanoCpus: 5e8 }],
  [{ pids: 64 }, { PidsLimit: 64 }],
  [{ network: "none" }, { NetworkMode: "none" }],
  [{ init: false }, { Init: false }],
  [{ readOnlyRoot: true }, { ReadonlyRootfs: true, Tmpfs: { "/tmp": "rw,exec,nosuid,nodev,mode=1777" } }],
  [{ gpus: "all" }, { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] }],
  [{ gpus: 2 }, { DeviceRequests: [{ Count: 2 }] }],
  [{ ports: [3000] }, { PortBindings: { "3000/tcp": [{ HostIp: "127.0.0.1", HostPort: "3000" }] } }],
  [{ ports: ["8080:80"] }, { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] } }],
])("%j", (config, expected) => {
  expect(host(config)).toMatchObject(expected);
});

test("the user's mounts are read-only unless they say otherwise, and win at the same place", () => {
  const mounts = [
    "/opt/tools",
    { source: "cache", target: "/cache", readOnly: false },
    { source: "/other", target: "/project" },
  ];
  expect(host({ mounts }).Mounts).toEqual([
    { Type: "volume", Source: "cache", Target: "/cache", ReadOnly: false },
    { Type: "bind", Source: "/opt/tools", Target: "/opt/tools", ReadOnly: true },
    { Type: "bind", Source: "/other", Target: "/project", ReadOnly: true },
    { Type: "bind", Source: "/project/sub", Target: "/project/sub", ReadOnly: true },
  ]);
});

test("a machine with one processor gives one", () => {
  expect(host({}, { cpus: 1 }).NanoCpus).toBe(1e9);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ privileged: true }, /privileged/],
  [{ image: "a", build: { context: "/x" } }, /exclude each other/],
  [{ mounts: ["/var/run/docker.sock"] }, /may not be mounted/],
  [{ mounts: [{ source: "/run/podman/podman.sock", target: "/s" }] }, /may not be mounted/],
  [{ mounts: ["/"] }, /may not be mounted/],
  [{ mounts: ["relative"] }, /absolute/],
  [{ memory: "much" }, /512m/],
  [{ env: { "A B": "x" } }, /env/],
])("%j is refused", (config, message) => {
  expect(() => parseOptions(config)).toThrow(
    expect.objectContaining({ code: "CONFIG", message: expect.stringMatching(message) }),
  );
});
