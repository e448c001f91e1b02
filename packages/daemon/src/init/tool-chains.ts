import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What prepares a checkout of this project, and what its CI could be. */
export interface ToolChain {
  /** Shown in a comment: `pnpm`, `cargo`. */
  name: string;
  postCreate: string[];
  ci: { name: string; run: string }[];
}

const none = { postCreate: [], ci: [] };
const test = (run: string) => [{ name: "test", run }];

/** Every build system that is visible in the project's top folder, the most significant first. */
export function findToolChains(root: string): ToolChain[] {
  const has = (name: string) => existsSync(join(root, name));
  const found: (ToolChain | null)[] = [
    nodeToolChain(root),
    has("Cargo.toml") ? { name: "cargo", ...none, ci: test("cargo test") } : null,
    has("go.mod") ? { name: "go", ...none, ci: test("go test ./...") } : null,
    pythonToolChain(root),
    has("gradlew") ? { name: "gradle", ...none, ci: test("./gradlew test") } : null,
    has("mvnw") ? { name: "maven", ...none, ci: test("./mvnw -q test") } : null,
    has("mix.exs") ? { name: "mix", postCreate: ["mix deps.get"], ci: test("mix test") } : null,
    has("Gemfile") ? { name: "bundler", postCreate: ["bundle install"], ci: [] } : null,
  ];
  const known = found.filter((one) => one !== null);
  const hasCi = known.some((one) => one.ci.length > 0);
  const make = hasCi ? null : makeToolChain(root);
  return make === null ? known : [...known, make];
}

/** Scripts that are worth a separate check, the most useful first. */
const CHECKS = ["test", "lint", "typecheck", "build"];

function nodeToolChain(root: string): ToolChain | null {
  const manifest = readManifest(join(root, "package.json"));
  if (manifest === null) return null;
  const name = packageManagerOf(root, manifest);
  const isLocked = LOCKS.some(([file]) => existsSync(join(root, file)));
  const hasDependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;
  const scripts = CHECKS.filter((script) => isRealScript(manifest.scripts?.[script]));
  return {
    name,
    postCreate: isLocked || hasDependencies ? [installCommand(name, isLocked)] : [],
    ci: scripts.map((script) => ({ name: script, run: runCommand(name, script) })),
  };
}

interface Manifest {
  packageManager?: unknown;
  scripts?: Record<string, unknown>;
  dependencies?: object;
  devDependencies?: object;
}

const LOCKS = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
] as const;

function packageManagerOf(root: string, manifest: Manifest): string {
  const declared =
    typeof manifest.packageManager === "string" ? /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager) : null;
  return declared?.[1] ?? LOCKS.find(([file]) => existsSync(join(root, file)))?.[1] ?? "npm";
}

/** Never one that changes a tracked file, because a fresh checkout must stay clean. */
function installCommand(manager: string, isLocked: boolean): string {
  if (manager === "npm") return isLocked ? "npm ci" : "npm install --no-package-lock";
  return isLocked ? `${manager} install --frozen-lockfile` : `${manager} install`;
}

const runCommand = (manager: string, script: string): string =>
  script === "test" ? `${manager} test` : `${manager} run ${script}`;

/** npm's own placeholder fails on purpose. */
const isRealScript = (script: unknown): boolean => typeof script === "string" && !script.includes("no test specified");

function pythonToolChain(root: string): ToolChain | null {
  const has = (name: string) => existsSync(join(root, name));
  if (has("uv.lock")) return { name: "uv", postCreate: ["uv sync"], ci: test("uv run pytest") };
  if (has("poetry.lock")) return { name: "poetry", postCreate: ["poetry install"], ci: test("poetry run pytest") };
  if (!has("pyproject.toml") && !has("setup.py")) return null;
  return { name: "python", ...none, ci: has("tests") || has("test") ? test("python -m pytest") : [] };
}

function makeToolChain(root: string): ToolChain | null {
  const file = readdirSync(root).find((name) => ["Makefile", "makefile", "GNUmakefile"].includes(name));
  const text = file === undefined ? null : readCapped(join(root, file));
  if (text === null) return null;
  const target = ["check", "test"].find((name) => new RegExp(`^${name}[ \\t]*:(?!=)`, "m").test(text));
  return target === undefined ? null : { name: "make", ...none, ci: test(`make ${target}`) };
}

function readManifest(path: string): Manifest | null {
  try {
    const parsed: unknown = JSON.parse(readCapped(path) ?? "null");
    return typeof parsed === "object" && parsed !== null ? parsed : null;
  } catch {
    // If package.json is broken, there is nothing to suggest.
    return null;
  }
}

function readCapped(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size <= 1024 * 1024 ? readFileSync(path, "utf8") : null;
}
