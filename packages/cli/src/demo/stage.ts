import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Io } from "../output/io.ts";
import { PLUGIN_PROGRAMS, RUNTIMES } from "../output/plugin-words.ts";
import { type Forge, startForge } from "./forge.ts";

/** The throwaway folder of the demo. */
export interface Stage {
  dir: string;
  /** AO_HOME of a separate daemon. */
  home: string;
  project: string;
  config: string;
  runtime: string;
  /** Why it is not the usual one: the program that is missing. */
  lacks: string | null;
  /** The caller's environment, pointed at this folder. */
  env: Record<string, string>;
  git(...args: string[]): string;
  /** What plays GitHub or the like. Null: branches are merged on this machine. */
  forge: Forge | null;
  strike(): Promise<void>;
}

const ISSUES = ".ao/issues";
const ASSETS = fileURLToPath(new URL("../demo/", import.meta.url));

/** Creates a small project with three issues, a config and one commit. `scm`: what plays the forge, if anything. */
export async function setStage(io: Io, { scm }: { scm: string }): Promise<Stage> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ao-demo-")));
  let forge: Forge | null = null;
  const strike = async () => {
    await forge?.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const project = join(dir, "till");
    const home = join(dir, "home");
    mkdirSync(home, { mode: 0o700 });
    cpSync(join(ASSETS, "project"), project, { recursive: true });
    cpSync(join(ASSETS, "agent"), join(dir, "agent"), { recursive: true });
    const env = stageEnvironment(io, home);
    if (scm !== "local") forge = await startForge(scm, join(project, ISSUES), env);
    const lacks = lackedProgram(io);
    const runtime = lacks === null ? RUNTIMES.usual : RUNTIMES.fallback;
    const config = join(project, "agent-orchestrator.yaml");
    const written = readFileSync(config, "utf8")
      .replace("{agentScript}", join(dir, "agent/agent.mjs"))
      .replace("projects:", `defaults: { runtime: ${runtime} }\nprojects:`);
    writeFileSync(config, forge === null ? written : onForge(written, forge));
    if (forge !== null) rmSync(join(project, ISSUES), { recursive: true });
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: project, env, encoding: "utf8", stdio: "pipe" });
    commitAll(git, forge);
    return { dir, home, project, config, runtime, lacks, env, git, forge, strike };
  } catch (error) {
    await strike();
    throw error;
  }
}

function commitAll(git: Stage["git"], forge: Forge | null): void {
  try {
    git("init", "--quiet", "--initial-branch", "main");
    git("config", "user.name", "The demo");
    git("config", "user.email", "demo@example.invalid");
    git("config", "commit.gpgsign", "false");
    git("add", "--all");
    git("commit", "--quiet", "--message", "A till");
    if (forge === null) return;
    git("remote", "add", "origin", forge.remote);
    git("push", "--quiet", "origin", "main");
  } catch (cause) {
    throw new AoError("UNAVAILABLE", "the demo needs git, which could not be run", {
      hint: "Install git 2.38 or newer.",
      cause,
    });
  }
}

/** The config with the forge's keys instead of the last one, `scm`. */
function onForge(written: string, forge: Forge): string {
  const lines = Object.entries(forge.project).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`);
  return written.replace(/^ {4}scm:\n[\s\S]*/m, lines.join(""));
}

/** A program of the usual runtime that cannot be run here. Null if there is none. */
function lackedProgram(io: Io): string | null {
  for (const { slot, plugin, argv } of PLUGIN_PROGRAMS) {
    if (slot !== "runtime" || plugin !== RUNTIMES.usual) continue;
    const [program, ...args] = argv;
    try {
      execFileSync(program, args, { env: io.env, stdio: "pipe" });
    } catch {
      return program; // The demo says so.
    }
  }
  return null;
}

/** The user's environment without their `ao`, their git settings and any surrounding agent. */
function stageEnvironment(io: Io, home: string): Record<string, string> {
  const kept = Object.entries(io.env).filter(([name]) => !name.startsWith("AO_") && !name.startsWith("GIT_"));
  return { ...Object.fromEntries(kept), AO_HOME: home, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
}
