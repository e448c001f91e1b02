import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { afterAll, beforeAll, expect, it } from "vitest";
import { figure } from "./support/tier.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** A stranger's machine: an empty home, a folder for npm's programs with a space in its name, and nothing of this repository. */
const dir = makeTempDir("ao-package");
const home = join(dir, "home");
const prefix = join(dir, "npm's own");
const packages = join(dir, "packages");
const installed = join(prefix, "lib/node_modules/@agent-orchestrator/cli");

/** The Node that runs this test comes first, for npm and for `ao`. */
const path = [join(prefix, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
const env = { HOME: home, PATH: path, SHELL: "/bin/sh", TERM: "xterm-256color", HISTFILE: "" };
const NETWORK = /^(https?_proxy|no_proxy|node_extra_ca_certs|npm_config_registry)$/i;
/** How this machine reaches the registry, and what it has of it. */
const npmEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name))),
  ...env,
  npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), ".npmrc"),
  npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
  // Its place depends on the prefix, and it may say which certificates the registry has here.
  npm_config_globalconfig:
    process.env.npm_config_globalconfig ??
    execFileSync("npm", ["config", "get", "globalconfig"], { encoding: "utf8" }).trim(),
  npm_config_fetch_retries: "1",
};

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync("npm", [...args, "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    env: npmEnv,
    encoding: "utf8",
    stdio: "pipe",
    timeout: 150_000,
  });

/** Without the registry there is nothing to install. */
function isRegistryThere(): boolean {
  const { status, stderr } = spawnSync("npm", ["view", "zod", "version", "--loglevel=error"], {
    cwd: dir,
    env: npmEnv,
    encoding: "utf8",
    timeout: 30_000,
  });
  if (status !== 0)
    process.stderr.write(`ao: the tests of the package are SKIPPED: npm can't reach its registry: ${stderr}\n`);
  return status === 0;
}

const isReachable = isRegistryThere();

const ao = (cwd: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync("ao", args, { cwd, env, encoding: "utf8", timeout: 90_000 });
  return { status, stdout, stderr };
};

const tarball = (name: string): string => {
  const found = readdirSync(packages).find((file) => file.startsWith(`agent-orchestrator-${name}-`));
  return join(packages, String(found));
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

let began = 0;
const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

beforeAll(() => {
  if (!isReachable) return;
  for (const folder of [home, prefix, packages]) mkdirSync(folder);
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = New Comer\n\temail = new@example.invalid\n");
  began = performance.now();
  execFileSync(process.execPath, [join(root, "scripts/pack.mjs"), packages], { stdio: "pipe" });
  const packed = seconds();
  began = performance.now();
  npm(dir, "install", "--global", "--prefix", prefix, tarball("cli"), tarball("core"));
  figure(`Node ${process.versions.node}: packed in ${packed}, installed in ${seconds()}`);
}, 300_000);

afterAll(() => {
  if (isReachable) ao(dir, "stop", "--sessions", "--yes");
  removeDir(dir);
});

it.skipIf(!isReachable)("an install runs no script, of ours or of a dependency", () => {
  const manifests = filesIn(installed).filter((file) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
  expect(manifests.length).toBeGreaterThan(5);
  expect([join(installed, "package.json"), ...manifests].filter(runsScripts)).toEqual([]);
});

/** npm also compiles what has a binding.gyp. */
function runsScripts(manifest: string): boolean {
  const { scripts = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { scripts?: Record<string, string> };
  const names = ["preinstall", "install", "postinstall"];
  return existsSync(join(dirname(manifest), "binding.gyp")) || names.some((name) => name in scripts);
}

it.skipIf(!isReachable)("knows its version and commit, and nothing of the place where it was made", () => {
  const { version } = JSON.parse(read("packages/cli/package.json")) as { version: string };
  const { stdout } = ao(dir, "--version");
  expect(stdout).toBe(readFileSync(join(installed, "dist/version.txt"), "utf8"));
  expect(stdout.startsWith(`ao ${version}`)).toBe(true);
  const own = filesIn(installed).filter((file) => !file.startsWith(join(installed, "node_modules")));
  expect(own.filter((file) => readFileSync(file, "utf8").includes(root))).toEqual([]);
  expect(JSON.parse(ao(dir, "config", "schema").stdout)).toEqual(JSON.parse(read("schema/config.schema.json")));
});

it.skipIf(!isReachable)(
  "checks the machine and plays the demo",
  () => {
    const doctor = ao(dir, "doctor");
    expect([doctor.status, doctor.stdout]).toEqual([0, expect.stringContaining(`Node ${process.versions.node}`)]);
    expect(doctor.stdout).not.toMatch(/^✗/m);
    const demo = ao(dir, "demo");
    expect([demo.status, demo.stderr]).toEqual([0, ""]);
    expect(demo.stdout).toMatch(/\d+ tests pass, and the three issues are closed/);
  },
  120_000,
);

const CHECKED = `
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Notifier, PluginModule } from "@agent-orchestrator/core/types";

const manifest = { name: "checked", slot: "notifier" as const, description: "Refuses", version: "1.0.0" };
const create = (): Notifier => ({
  async notify(event) {
    const words: string = event.message;
    throw new AoError("UNAVAILABLE", "nobody is there for: " + words, { hint: "Come back later." });
  },
});

export default { manifest, create } satisfies PluginModule<Notifier>;
`;

/** As the author of a plugin works: in a repository of their own, with the types from npm. */
function writePlugins(): TempRepo {
  const repo = repoAt(join(dir, "plugins of mine"), {
    "package.json": '{ "name": "mine", "private": true, "type": "module" }\n',
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        verbatimModuleSyntax: true,
        skipLibCheck: false,
        noEmit: true,
        target: "es2022",
        module: "nodenext",
        types: ["node"],
      },
      include: ["*.ts"],
    }),
    "notify-file.ts": read("examples/notifier-file/notify-file.ts"),
    "checked.ts": CHECKED,
    "agent-orchestrator.yaml": `${read("examples/notifier-file/agent-orchestrator.yaml")
      .replace("  - path: ./notify-file.ts\n", "  - path: ./notify-file.ts\n  - path: ./checked.ts\n")
      .replace("notifiers:\n", "notifiers:\n  checked: { plugin: checked }\n")}`,
  });
  const types = (JSON.parse(read("node_modules/@types/node/package.json")) as { version: string }).version;
  npm(repo.path, "install", "--save-dev", tarball("core"), `@types/node@${types}`);
  return repo;
}

it.skipIf(!isReachable)(
  "a plugin of somebody else compiles against the package's types, and the installed `ao` runs it",
  () => {
    const { path: folder } = writePlugins();
    const tsc = () => spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout;
    expect(tsc()).toBe("");
    writeFileSync(join(folder, "wrong.ts"), CHECKED.replace("words: string", "words: number"));
    expect(tsc()).toMatch(/wrong\.ts.*error TS2322: Type 'string' is not assignable to type 'number'/);

    expect(ao(folder, "trust", "--yes").status).toBe(0);
    expect(ao(folder, "plugin", "list").stdout).toMatch(/notifier\s+file\b.*notify-file\.ts/);
    expect(ao(folder, "notify", "test", "file")).toMatchObject({ status: 0, stdout: expect.stringContaining("sent") });
    expect(readFileSync(join(home, "ao-notices.txt"), "utf8")).toMatch(/ action: ao: this is a test/);
    const refused = ao(folder, "notify", "test", "checked");
    expect(refused.status).not.toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toMatch(/nobody is there for: [\s\S]*Come back later\./);
  },
  120_000,
);

it.skipIf(!isReachable)("can be removed again, and says how", () => {
  expect(ao(dir, "uninstall", "--yes").stdout).toContain("npm uninstall --global @agent-orchestrator/cli");
  npm(dir, "uninstall", "--global", "--prefix", prefix, "@agent-orchestrator/cli", "@agent-orchestrator/core");
  expect(filesIn(prefix)).toEqual([]);
  expect(readdirSync(join(prefix, "bin"))).toEqual([]);
});
