import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, it, onTestFinished } from "vitest";
import { root } from "./lib.mjs";

/** The files that an entry loads before anything asks for more: whatever it reaches without a dynamic import. */
async function loadedBy(entry) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: "out",
    metafile: true,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: ["source"],
    packages: "external",
    plugins: [ownPackages],
    logLevel: "silent",
  });
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === "dynamic-import") continue;
      if (external) reached.add(path);
      else visit(path);
    }
  };
  visit(entry);
  return [...reached];
}

/** Our packages are read as source, and all others stay names. */
const ownPackages = {
  name: "own-packages",
  setup({ onResolve }) {
    onResolve({ filter: /^@agent-orchestrator\// }, ({ path }) => {
      const [, name, rest = "index"] = /^@agent-orchestrator\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
      const base = ["core", "plugin-kit", "agent-kit", "testkit", "daemon", "cli"].includes(name)
        ? "packages"
        : "plugins";
      return { path: join(root, base, name, "src", `${rest}.ts`) };
    });
  },
};

it.each([
  ["packages/cli/src/main.ts", 3],
  ["packages/daemon/src/main.ts", 100],
])("%s loads neither a plugin nor the HTTP client before it needs one", async (entry, atLeast) => {
  const files = await loadedBy(entry);
  expect(files.length).toBeGreaterThan(atLeast);
  const unwanted = /^plugins\/(?!.*\/manifest\.ts$)|plugin-kit\/src\/http|^undici/;
  expect(files.filter((file) => unwanted.test(file))).toEqual([]);
});

it("the HTTP client loads undici only for a connection that needs it", async () => {
  const files = await loadedBy("packages/plugin-kit/src/http/client.ts");
  expect(files).toContain("packages/plugin-kit/src/http/transport.ts");
  expect(files.filter((file) => /undici/.test(file))).toEqual([]);
});

it.each(["notifier-composio", "notifier-desktop"])(
  "%s loads its library only with the first notification",
  async (name) => {
    const files = await loadedBy(`plugins/${name}/src/index.ts`);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => /^(@composio|@homebridge|node-notifier|undici)/.test(file))).toEqual([]);
  },
);

it("the HTTP client finds undici in a bundle too", async () => {
  const dir = mkdtempSync(join(tmpdir(), "ao-bundle-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  await build({
    absWorkingDir: root,
    entryPoints: { client: "packages/plugin-kit/src/http/client.ts" },
    bundle: true,
    outdir: dir,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: ["source"],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    logLevel: "error",
  });
  const { createHttp, httpFailure } = await import(pathToFileURL(join(dir, "client.js")).href);
  const log = { debug: () => undefined, warn: () => undefined };
  const clock = { now: () => 0, monotonic: () => 0, sleep: () => new Promise(() => undefined) };
  const options = { name: "Hub", clock, log, origins: ["https://localhost"], retries: 0 };
  // A connection with a proxy needs it. That nothing answers there is how we know that it was tried.
  const http = createHttp({ ...options, env: () => ({ HTTPS_PROXY: "http://127.0.0.1:9" }) });
  const error = await http.fetch("https://api.example.com/x").catch((thrown) => thrown);
  expect(httpFailure(error)?.kind).toBe("proxy");
  await http.close();
});
