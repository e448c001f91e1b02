import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GIT_OPTIONS } from "./git-options.ts";
import { mayRunUnasked } from "./judge.ts";
import { commandsOf } from "./shell-line.ts";

test("a shell splits what is read as plain into the same words", () => {
  const part = fc.constantFrom("a", "b c", "'", '"', "\\", " ", "x=1", "-n", "ü", "~", "#", "^", "a*", "\\\n", "=");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const line = parts.join("");
      const commands = commandsOf(line);
      if (commands?.length !== 1) return;
      const shell = execFileSync("sh", ["-c", `set -f; for w in ${line}; do printf '[%s]' "$w"; done`], {
        encoding: "utf8",
        cwd: "/",
      });
      expect(commands[0]?.map((word) => `[${word}]`).join("")).toBe(shell);
    }),
    { numRuns: 300 },
  );
});

test("a shell runs no other commands than were read", () => {
  const sign = fc.constantFrom(
    "a",
    "b",
    " ",
    " ",
    "'",
    '"',
    "\\",
    ";",
    "&",
    "&&",
    "||",
    "|",
    "\n",
    "$",
    "(",
    "#",
    "!",
    ">",
    "=",
    "^",
  );
  const traced = "exec 3>&1 >/dev/null 2>&1\na() { echo a >&3; }\nb() { echo b >&3; }\n";
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 12 }), (signs) => {
      const line = signs.join("");
      const read = commandsOf(line);
      if (read === null) return;
      const ran = spawnSync("sh", ["-c", traced + line], {
        encoding: "utf8",
        cwd: "/",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const names = read.map(([first]) => first);
      for (const name of ran.stdout.split("\n").filter(Boolean)) expect(names).toContain(name);
    }),
    { numRuns: 300 },
  );
});

/** A repository with programs planted wherever git could be told to run or write something. */
const world = { folder: "", repo: "", canary: "" };

beforeAll(() => {
  world.folder = makeTempDir();
  world.repo = join(world.folder, "repo");
  world.canary = join(world.folder, "canary");
  mkdirSync(world.repo);
  const evil = join(world.folder, "evil");
  writeFileSync(evil, `#!/bin/sh\ntouch "${world.canary}"\n`);
  chmodSync(evil, 0o755);
  git("init", "-q", "-b", "main");
  writeFileSync(join(world.repo, "a"), "a\n");
  git("add", ".");
  git("-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "one");
});

afterAll(() => removeDir(world.folder));

const env = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: world.folder,
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@b.c",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@b.c",
  GIT_EDITOR: join(world.folder, "evil"),
});

function git(...args: string[]): void {
  spawnSync("git", args, { cwd: world.repo, env: env(), stdio: "ignore", timeout: 20_000 });
}

/** What is next to the repository, or in its top folder, that was not there before. */
function escaped(): string[] {
  const outside = readdirSync(world.folder).filter((name) => !["repo", "evil"].includes(name));
  const inside = readdirSync(world.repo).filter((name) => ![".git", "a"].includes(name));
  for (const name of outside) rmSync(join(world.folder, name), { recursive: true });
  for (const name of inside) rmSync(join(world.repo, name), { recursive: true });
  return [...outside, ...inside];
}

/** `EVIL` and `CANARY` stand for the planted program and for a file that nothing may write. */
const EVIL_WORDS = [
  "--output=CANARY",
  "--output=stray",
  "--ext-diff",
  "-OEVIL",
  "--open-files-in-pager=EVIL",
  "--upload-pack=EVIL",
  "--receive-pack=EVIL",
  "--exec=EVIL",
  "-xEVIL",
  "-e",
  "-c",
];

const real = (word: string): string =>
  word.replaceAll("EVIL", join(world.folder, "evil")).replaceAll("CANARY", world.canary);

test("an option that is said to take the next word does so, in the git that is installed", () => {
  const taking = Object.entries(GIT_OPTIONS).flatMap(([name, { texts = [] }]) =>
    texts.map((option) => [name, option] as const),
  );
  for (const [name, option] of taking.filter(([each]) => !["switch", "checkout", "tag"].includes(each))) {
    for (const word of EVIL_WORDS.slice(0, 3)) {
      git(name, option, real(word));
      expect([`git ${name} ${option} ${word}`, escaped()]).toEqual([`git ${name} ${option} ${word}`, []]);
    }
  }
  expect(existsSync(world.canary)).toBe(false);
});

test("the planted options have teeth: git as it is writes where they say", () => {
  git("diff", `--output=${world.canary}`);
  expect(escaped()).toEqual(["canary"]);
});

test("whatever is let through writes nothing outside git's own folder and runs nothing that was planted", {
  timeout: 120_000,
}, () => {
  const subcommand = fc.constantFrom("status", "diff", "log", "show", "add", "commit", "grep", "fetch", "rebase");
  const known = fc.constantFrom(
    ...Object.values(GIT_OPTIONS).flatMap(({ flags, texts = [], attached = [] }) => [...flags, ...texts, ...attached]),
  );
  const word = fc.oneof(
    known,
    fc.constantFrom(...EVIL_WORDS),
    fc.constantFrom("HEAD", "a", "--", "main", "x", "-n", "../x", ".", "ext::evil"),
  );
  let judged = 0;
  let ran = 0;
  fc.assert(
    fc.property(subcommand, fc.array(word, { maxLength: 5 }), (name, words) => {
      const given = words.map(real);
      const line = ["git", name, ...given].join(" ");
      judged += 1;
      if (given.length === 0 || !mayRunUnasked(line, { allow: [`git ${name}`], cwd: world.repo })) return;
      ran += 1;
      git(name, ...given);
      expect([line, escaped()]).toEqual([line, []]);
    }),
    { numRuns: 600 },
  );
  console.log(
    `command judge: ${judged} generated lines, ${ran} let through and run, none of them wrote or ran anything`,
  );
  expect(ran).toBeGreaterThan(20);
});
