#!/usr/bin/env node
// `npm run setup|build|test|test:long|test:docker|test:web|screenshots|demo|bench|pack`: each does its whole set-up in a fresh clone, and
// almost nothing once that is done.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, filesBelow, hashOf, outputOf, readStamp, root, run, tools, withLock } from "./lib.mjs";
import { link } from "./link.mjs";
import { writeVersion } from "./version.mjs";

const OLDEST_NODE = 20;
const dist = join(root, "packages/cli/dist");
const ao = join(root, "packages/cli/bin/ao.js");

function requireTools({ tmux }) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    fail(`Node ${process.versions.node} is too old`, `Install Node ${OLDEST_NODE} or newer: https://nodejs.org`, 69);
  }
  if (outputOf("git", ["--version"]) === null) fail("git is missing", "Install git (2.38 or newer).", 69);
  if (tmux && outputOf("tmux", ["-V"]) === null) {
    fail("tmux is missing", "Install tmux (3.2 or newer): apt install tmux, brew install tmux.", 69);
  }
}

/** The pinned pnpm, from package.json's `packageManager`, in .tools. */
function ensurePnpm() {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
  const manifest = join(tools, "node_modules/pnpm/package.json");
  const present = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : null;
  if (wanted === `pnpm@${present}`) return;
  mkdirSync(tools, { recursive: true });
  const args = ["install", "--prefix", tools, "--no-save", "--no-audit", "--no-fund", "--loglevel=error", wanted];
  if (run("npm", args) !== 0) fail(`${wanted} could not be installed`, "Is the npm registry reachable?", 69);
}

const manifests = () => [
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "package.json",
  ...["packages", "plugins", "examples", "e2e", "bench"].flatMap((base) =>
    filesBelow(base, (path) => path.endsWith("/package.json")),
  ),
];

function ensureInstalled() {
  ensurePnpm();
  const stamp = join(tools, "installed");
  const wanted = `${hashOf(manifests())} ${process.platform}-${process.arch}\n`;
  if (readStamp(stamp) === wanted && existsSync(join(root, "node_modules/.modules.yaml"))) return;
  // A changed package.json changes the lock file too, but not in CI, where both are given.
  const lock = process.env.CI === undefined ? "--no-frozen-lockfile" : "--frozen-lockfile";
  const args = ["install", lock, "--prefer-offline", "--config.confirm-modules-purge=false"];
  if (run("pnpm", [...args, "--reporter=append-only", "--loglevel=warn"]) !== 0) {
    fail("the dependencies could not be installed", "pnpm says why above. Is the npm registry reachable?", 69);
  }
  writeFileSync(stamp, wanted);
}

const isSource = (path) =>
  /\.(ts|mjs|json)$/.test(path) && !/\.test\.ts$/.test(path) && !path.startsWith("packages/web/");
const isOfPage = (path) => /\.(tsx?|css|html|svg|json)$/.test(path) && !/\.test\.ts$|\/e2e\//.test(path);

function ensureBuilt() {
  const stamp = join(dist, ".stamp");
  const sources = [
    ...filesBelow("packages", isSource),
    ...filesBelow("plugins", isSource),
    "scripts/build.mjs",
    "pnpm-lock.yaml",
  ];
  const wanted = `${hashOf(sources)}\n`;
  if (readStamp(stamp) === wanted && existsSync(join(dist, "ao.cjs"))) return false;
  if (run(process.execPath, [join(root, "scripts/build.mjs")]) !== 0) fail("the build failed");
  writeFileSync(stamp, wanted);
  return true;
}

/** The dashboard's page. It takes types of the rest, but what it is built of is its own, and what it imports of core. */
function ensurePageBuilt() {
  const stamp = join(tools, "page-built");
  const core = ["model", "protocol"].flatMap((name) => filesBelow(`packages/core/src/${name}`, isSource));
  const sources = [...filesBelow("packages/web", isOfPage), ...core, "scripts/build-web.mjs", "pnpm-lock.yaml"];
  const wanted = `${hashOf(sources)}\n`;
  if (readStamp(stamp) === wanted && existsSync(join(root, "packages/web/dist/index.html"))) return false;
  if (run(process.execPath, [join(root, "scripts/build-web.mjs")]) !== 0) fail("the page could not be built");
  writeFileSync(stamp, wanted);
  return true;
}

function prepare(needs) {
  requireTools(needs);
  return withLock(() => {
    ensureInstalled();
    const isNew = ensureBuilt();
    const isNewPage = ensurePageBuilt();
    writeVersion(dist);
    return isNew || isNewPage;
  });
}

/** With arguments, runs only the tests they name. */
function test(args) {
  prepare({ tmux: true });
  const checks =
    args.length > 0
      ? []
      : [
          ["tsc", ["-p", "tsconfig.json"]],
          ["tsc", ["-p", "packages/web/tsconfig.json"]],
          ["biome", ["check", "."]],
          ["node", ["scripts/house.mjs"]],
        ];
  const failed = checks.filter(([program, words]) => {
    console.log(`\n> ${[program, ...words].join(" ")}`);
    return run(program, words) !== 0;
  });
  if (failed.length > 0)
    console.error(
      `\nao: failed before the tests: ${failed.map(([program, words]) => [program, ...words].join(" ")).join(", ")}`,
    );
  const status = run("vitest", ["run", "--project", "unit", "--project", "e2e", ...args]);
  return status === 0 && failed.length > 0 ? 1 : status;
}

/** `--third`: every third one, the others on the next two days. `DAY=…` repeats a day. */
function longTests(args) {
  if (!args.includes("--third")) return args;
  const day = Number(process.env.DAY ?? Math.floor(Date.now() / 86_400_000));
  const isLong = (path) => path.endsWith(".long.test.ts");
  const all = ["packages", "plugins", "e2e"].flatMap((base) => filesBelow(base, isLong)).sort();
  const todays = all.filter((_, at) => (at + day) % 3 === 0);
  console.log(`${todays.length} of ${all.length} long test files, DAY=${day}`);
  return [...args.filter((arg) => arg !== "--third"), ...todays];
}

const COMMANDS = {
  setup() {
    prepare({ tmux: true });
    console.log(link(ao));
    return run(process.execPath, [ao, "doctor"]) === 0 ? 0 : 1;
  },
  build() {
    if (!prepare({ tmux: false })) console.log("nothing has changed since the last build");
    return 0;
  },
  test,
  "test:long": (args) => {
    prepare({ tmux: true });
    return run("vitest", ["run", "--project", "long", "--project", "alone", ...longTests(args)]);
  },
  "test:docker": (args) => {
    prepare({ tmux: true });
    return run("vitest", ["run", "--project", "long", "docker", ...args]);
  },
  "test:nodes": (args) => {
    prepare({ tmux: true });
    return run(process.execPath, [join(root, "scripts/test-nodes.mjs"), ...args]);
  },
  "test:web": (args) => {
    prepare({ tmux: true });
    return run("vitest", ["run", "--project", "web", ...args]);
  },
  screenshots(args) {
    prepare({ tmux: true });
    const program = [join(root, "scripts/run-ts.mjs"), "packages/web/e2e/support/screenshots.ts", ...args];
    return run(process.execPath, program);
  },
  "test:agents": (args) => {
    prepare({ tmux: true });
    return run(process.execPath, [join(root, "scripts/test-agents.mjs"), ...args]);
  },
  demo(args) {
    prepare({ tmux: true });
    return run(process.execPath, [ao, "demo", ...args], { cwd: process.env.INIT_CWD ?? root });
  },
  pack(args) {
    requireTools({ tmux: false });
    withLock(ensureInstalled);
    return run(process.execPath, [join(root, "scripts/pack.mjs"), ...args]);
  },
  bench(args) {
    prepare({ tmux: true });
    if (!existsSync(join(root, "bench/run.ts"))) fail("there are no benchmarks yet");
    return run(process.execPath, [join(root, "scripts/run-ts.mjs"), "bench/run.ts", ...args]);
  },
};

const [name = "", ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) fail(`no such script: ${name}`, `One of ${Object.keys(COMMANDS).join(", ")}.`, 64);
process.exit(command(args));
