import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { PluginManifest } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";

interface Program {
  name: string;
  args: string[];
  /** The oldest version that works. Null if any does. */
  least: [number, number];
  best: [number, number];
  missing: DoctorRow["level"];
  hint: string;
}

/** What `ao` itself needs. Plugins declare theirs. */
const OWN: Program[] = [
  {
    name: "git",
    args: ["--version"],
    least: [2, 25],
    best: [2, 38],
    missing: "error",
    hint: "Install git 2.38 or newer.",
  },
];

export async function programRows(
  env: Record<string, string>,
  manifests: readonly PluginManifest[],
): Promise<DoctorRow[]> {
  const rows: DoctorRow[] = [nodeRow(process.versions.node)];
  for (const program of [...OWN, ...manifests.flatMap(declared)]) rows.push(await programRow(program, env));
  return rows;
}

/** Another plugin of the slot does without it, so its absence is only a warning. */
function declared({ slot, programs = [] }: PluginManifest): Program[] {
  return programs.flatMap(({ name, version, hint = `Install ${name}, or use another ${slot}.` }) => {
    if (version === undefined) return [];
    const least: [number, number] = [...version.least];
    return [{ name, args: [...version.args], least, best: least, missing: "warning" as const, hint }];
  });
}

function nodeRow(version: string): DoctorRow {
  const isEnough = Number(version.split(".")[0]) >= 20;
  return {
    area: "node",
    level: isEnough ? "ok" : "error",
    text: `Node ${version}`,
    ...(isEnough ? {} : { hint: "Install Node 20 or newer." }),
  };
}

async function programRow(program: Program, env: Record<string, string>): Promise<DoctorRow> {
  try {
    const { stdout } = await exec(program.name, program.args, { env, timeoutMs: 5_000 });
    const match = /(\d+)\.(\d+)/.exec(stdout);
    const version: [number, number] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
    const text = stdout.trim();
    if (isOlder(version, program.least))
      return { area: program.name, level: "error", text: `${text} is too old`, hint: program.hint };
    if (isOlder(version, program.best))
      return { area: program.name, level: "warning", text: `${text} works, but slowly`, hint: program.hint };
    return { area: program.name, level: "ok", text };
  } catch (error) {
    return { area: program.name, level: program.missing, text: toAoError(error).message, hint: program.hint };
  }
}

const isOlder = (a: [number, number], b: [number, number]): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
