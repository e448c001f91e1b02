import { PassThrough } from "node:stream";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Place, PlacedSession, RunOptions, RunResult } from "@agent-orchestrator/core/slots/place";
import { hostFiles } from "@agent-orchestrator/plugin-kit/place/host-files";
import { binDirOf } from "./binds.ts";
import { homeOf, insideEnvironment, pathInside } from "./inside.ts";
import type { Desk } from "./launch.ts";
import { homeMark, LABELS } from "./layout.ts";

const RUN_MS = 30_000;

/** A container of an engine on this machine: the session's folders are mounted at their own paths, so its files are ours. */
export function dockerPlace(desk: Desk, session: PlacedSession): Place {
  const { options, context } = desk;
  const path = pathInside(binDirOf(context), undefined);
  return {
    ...hostFiles(context.clock),
    name: `a container of ${desk.engine.address}`,
    sharesFiles: true,
    sharesProcesses: true,
    environment: (env) => insideEnvironment(env, { home: homeOf(session.sessionDir), path, extra: options.env }),
    run: (argv, how = {}) => runInside(desk, session, { argv, how }),
  };
}

async function runInside(
  { engine, context }: Desk,
  session: PlacedSession,
  { argv, how }: { argv: readonly string[]; how: RunOptions },
): Promise<RunResult> {
  const label = [
    `${LABELS.home}=${homeMark(context)}`,
    `${LABELS.instance}=${session.instanceId}`,
    `${LABELS.session}=${session.sessionId}`,
  ];
  return await engine.ask(async (client) => {
    const [found] = await client.listContainers({ filters: { label, status: ["running"] } });
    if (found === undefined) throw new AoError("UNAVAILABLE", `the container of ${session.sessionId} does not run`);
    const exec = await client.getContainer(found.Id).exec({
      Cmd: [...argv],
      Env: Object.entries(how.env ?? {}).map(([name, value]) => `${name}=${value}`),
      WorkingDir: how.cwd ?? session.workspacePath,
      AttachStdin: how.input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: how.input !== undefined });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const printed = [text(stdout), text(stderr)] as const;
    client.modem.demuxStream(stream, stdout, stderr);
    if (how.input !== undefined) stream.end(how.input);
    const signal = AbortSignal.any([AbortSignal.timeout(how.timeoutMs ?? RUN_MS), ...(how.signal ? [how.signal] : [])]);
    await new Promise<void>((done, failed) => {
      stream.once("end", done);
      stream.once("error", failed);
      signal.addEventListener("abort", () => {
        stream.destroy();
        failed(new AoError("UNREACHABLE", `${argv[0]} in the container did not end in time`));
      });
    });
    stdout.end();
    stderr.end();
    const exitCode = (await exec.inspect()).ExitCode ?? 1;
    return { exitCode, stdout: await printed[0], stderr: await printed[1] };
  });
}

async function text(stream: PassThrough): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
