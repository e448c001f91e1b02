import { jobsOf, logOf } from "../domain/actions.ts";
import type { World } from "../world.ts";
import { zip } from "./zip.ts";

/** What a log's redirect leads to. `null` when it has expired or never was. */
export function serveStorage(world: World, path: string): { type: string; body: Buffer } | null {
  const [where = "", query = ""] = path.split("?", 2);
  if (Number(new URLSearchParams(query).get("expires")) * 1000 < world.now()) return null;
  const [, kind, id, attempt] = /^(job|run)\/(\d+)(?:\/(\d+))?\.(?:txt|zip)$/.exec(where) ?? [];
  const runs = world.repos.flatMap((repo) => repo.runs);
  if (kind === "job") {
    const job = runs.flatMap(({ jobs }) => jobs).find((one) => one.id === Number(id));
    return job === undefined ? null : { type: "text/plain", body: Buffer.from(logOf(world, job)) };
  }
  const run = runs.find((one) => one.id === Number(id));
  if (run === undefined) return null;
  const jobs = jobsOf(run, Number(attempt));
  const files = jobs.map((job, at): [string, string] => [`${at}_${job.name}.txt`, logOf(world, job)]);
  const steps = jobs.flatMap((job) =>
    job.steps.map((step): [string, string] => [
      `${job.name}/${step.number}_${step.name}.txt`,
      logOf(world, { ...job, steps: [step] }),
    ]),
  );
  return { type: "application/zip", body: zip([...files, ...steps]) };
}
