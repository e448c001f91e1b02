import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { type World, worldAt } from "../fixtures/world.ts";
import { placeOfCheckout, removePlaces, sweepPlaces } from "./place.ts";

/** The matcher of many test runners, bundlers and linters: without `dot`, no path with a dot folder in it matches. */
const require = createRequire(import.meta.url);
const picomatch = createRequire(require.resolve("vite")).resolve("picomatch");
const FIND = `const match = require(${JSON.stringify(picomatch)})("/**/*.test.js");
const found = require("node:fs").readdirSync(process.cwd()).filter((name) => match(process.cwd() + "/" + name));
console.log("found " + found.length); process.exit(found.length === 0 ? 1 : 0);`;

function worldIn(home: string, options: Record<string, unknown> = {}): World {
  const root = tempDir("ao-place");
  const repo = repoAt(join(root, "repo"), { "a.test.js": "", "find.cjs": FIND });
  const stateDir = join(root, home, "scm");
  mkdirSync(stateDir, { recursive: true });
  const ci = [{ name: "test", run: "pwd; node find.cjs" }];
  return worldAt({ root, repo, setUp: { options: { ci, ...options }, stateDir } });
}

async function run(w: World) {
  w.commit("feat/1", { "b.txt": "b" });
  const pr = await w.open("feat/1");
  await w.watch();
  const check = await waitFor(async () => (await w.scm.getCIChecks(pr)).find((one) => one.status === "passed"), {
    what: "CI to pass",
  });
  return (await w.scm.getCheckLog(pr, check)).split("\n")[0] ?? "";
}

it("finds tests with a program that leaves dot folders alone, though the state folder is below one", async () => {
  const w = worldIn(".agent-orchestrator");
  onTestFinished(async () => removeDir(dirname(await placeOfCheckout(w.desk))));
  const place = await run(w);
  expect(place.split("/").filter((part) => part.startsWith("."))).toEqual([]);
  expect(place).toBe(await placeOfCheckout(w.desk));
  for (const folder of [dirname(place), dirname(dirname(place))]) expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  expect(existsSync(join(w.stateDir, "ci", "checkout"))).toBe(false);
});

it("stays in the state folder where that has no dot folder, and goes where `ciDir` says", async () => {
  const w = worldIn("home");
  expect(await placeOfCheckout(w.desk)).toBe(join(w.stateDir, "ci", "checkout"));
  const dir = tempDir("ao-ci-dir");
  const chosen = worldIn(".agent-orchestrator", { ciDir: dir });
  expect(dirname(dirname(await placeOfCheckout(chosen.desk)))).toBe(dir);
});

it("uses no folder that somebody else could have made for it", async () => {
  const file = join(tempDir("ao-ci-dir"), "not-a-folder");
  writeFileSync(file, "");
  const w = worldIn(".agent-orchestrator", { ciDir: file });
  expect(await placeOfCheckout(w.desk)).toBe(join(w.stateDir, "ci", "checkout"));
});

it("removes what a state folder that is gone has left, and nothing else", async () => {
  const dir = tempDir("ao-ci-dir");
  const gone = worldIn(".one", { ciDir: dir });
  const there = worldIn(".two", { ciDir: dir });
  const places = [await placeOfCheckout(gone.desk), await placeOfCheckout(there.desk)];
  for (const place of places) mkdirSync(place);
  mkdirSync(join(dir, "of-somebody-else"));
  removeDir(gone.stateDir);
  await sweepPlaces(there.desk);
  await waitFor(() => !existsSync(places[0] ?? ""), { what: "the removal" });
  expect(places.map((place) => existsSync(place))).toEqual([false, true]);
  expect(existsSync(join(dir, "of-somebody-else"))).toBe(true);
  expect(readFileSync(join(dirname(places[1] ?? ""), "ao-ci-checkout.txt"), "utf8")).toContain(there.stateDir);
});

it("removes all that its own state folder has outside when `ao` is uninstalled, and nothing else", async () => {
  const dir = tempDir("ao-ci-dir");
  const [mine, other] = [worldIn(".one", { ciDir: dir }), worldIn(".two", { ciDir: dir })];
  const places = [await placeOfCheckout(mine.desk), await placeOfCheckout(other.desk)];
  for (const place of places) mkdirSync(place);
  mkdirSync(join(dir, "of-somebody-else"));
  await removePlaces(mine.desk);
  await removePlaces(mine.desk);
  expect(existsSync(dirname(places[0] ?? ""))).toBe(false);
  expect([existsSync(places[1] ?? ""), existsSync(join(dir, "of-somebody-else"))]).toEqual([true, true]);
});
