import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { Engine } from "./engine.ts";
import { imageName, inspect } from "./image.ts";
import type { Desk } from "./launch.ts";
import type { DockerOptions } from "./options.ts";
import { requireUser } from "./user.ts";

interface Line {
  ok: boolean;
  text: string;
  hint?: string;
}

const LEAST_API = [1, 41] as const;

/** Tells doctor about engine, user and image. A spawn is refused with the first line that is not in order. */
export async function check({ engine, options }: Desk): Promise<Line[]> {
  const lines: Line[] = [];
  for (const look of [
    () => engineLines(engine),
    async () => [userLine(options)],
    async () => [await imageLine(engine, options)],
  ]) {
    try {
      lines.push(...(await look()));
    } catch (error) {
      const { message, hint } = toAoError(error);
      lines.push({ ok: false, text: message, ...(hint === undefined ? {} : { hint }) });
      break;
    }
  }
  return lines;
}

async function engineLines(engine: Engine): Promise<Line[]> {
  const version = await engine.ask((client) => client.version());
  const info = await engine.ask((client) => client.info());
  const isPodman = (version.Components ?? []).some(({ Name }: { Name: string }) => /podman/i.test(Name));
  const [major = 0, minor = 0] = version.ApiVersion.split(".").map(Number);
  if (major < LEAST_API[0] || (major === LEAST_API[0] && minor < LEAST_API[1])) {
    throw new AoError(
      "UNAVAILABLE",
      `the engine at ${engine.address} has API ${version.ApiVersion}; ${LEAST_API.join(".")} is needed`,
    );
  }
  const what = isPodman
    ? "Podman, whose attach and resize differ from Docker's: expect trouble"
    : `Docker ${version.Version}`;
  const restart = info.LiveRestoreEnabled === true ? "" : "; containers end with it (`live-restore` is off)";
  const lines = [{ ok: true, text: `engine: ${what} at ${engine.address}${restart}` }];
  if (info.MemoryLimit === false)
    lines.push({ ok: true, text: "this engine can't limit memory, so `memory:` has no effect" });
  return lines;
}

function userLine(options: DockerOptions): Line {
  const user = requireUser(options);
  const isRoot = /^(?:0|root)(?::|$)/.test(user);
  return {
    ok: true,
    text: isRoot ? "agents are root in their containers, without capabilities" : `agents are user ${user}`,
  };
}

async function imageLine(engine: Engine, options: DockerOptions): Promise<Line> {
  const name = imageName(options);
  if ((await inspect(engine, name)) !== null) return { ok: true, text: `image: ${name}` };
  if (options.image === undefined) return { ok: true, text: `image: ${name} is built when it is first used` };
  if (options.pull !== "never") return { ok: true, text: `image: ${name} is pulled when it is first used` };
  throw new AoError("UNAVAILABLE", `the image ${name} is not here, and \`pull: never\` is set`, {
    hint: "Pull or build it, or set `image:` of the runtime to another.",
  });
}
