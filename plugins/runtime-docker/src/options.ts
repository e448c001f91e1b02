import { isAbsolute } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { optionProblems } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `512m`, `4g`, or a number of bytes. */
const Bytes = z
  .union([z.number().int().positive(), z.string().regex(/^\d+(?:\.\d+)?[bkmg]?$/i, "write it as 512m or 4g")])
  .transform((value) => {
    if (typeof value === "number") return value;
    const [, amount = "0", unit = "b"] = /^([\d.]+)([bkmg]?)$/i.exec(value) ?? [];
    return Math.round(Number(amount) * (UNITS[unit.toLowerCase() || "b"] ?? 1));
  });

const Folder = z.string().refine(isAbsolute, "it has to be an absolute path");

/** A path at its own place, or a source at another one. */
const Mount = z
  .union([
    z.string().transform((source) => ({ source, target: source, readOnly: true })),
    z.strictObject({ source: z.string().min(1), target: z.string().optional(), readOnly: z.boolean().default(true) }),
  ])
  .transform(({ source, target = source, readOnly }) => ({ source, target, readOnly }))
  .refine(({ target }) => isAbsolute(target), "its place in the container has to be an absolute path");

export const DockerOptions = z.strictObject({
  /** Default: an image that `ao` builds on first use. */
  image: z.string().min(1).optional(),
  build: z.strictObject({ dockerfile: z.string().default("Dockerfile"), context: Folder }).optional(),
  /** As `docker run --user`. Default: the user that runs `ao`. */
  user: z.string().min(1).optional(),
  memory: Bytes.default(4 * 1024 ** 3),
  cpus: z.number().positive().optional(),
  pids: z.number().int().min(16).default(1_024),
  /** `none`, `bridge`, `host` or the name of a network. */
  network: z.string().min(1).default("bridge"),
  /** A source that is no absolute path is a named volume. */
  mounts: z.array(Mount).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  /** Ports of the container, on the same port of 127.0.0.1, or as `8080:80`. */
  ports: z.array(z.union([z.number().int().min(1).max(65_535), z.string().regex(/^\d+:\d+$/)])).default([]),
  init: z.boolean().default(true),
  readOnlyRoot: z.boolean().default(false),
  gpus: z.union([z.literal("all"), z.number().int().positive()]).optional(),
  platform: z.string().optional(),
  pull: z.enum(["missing", "always", "never"]).default("missing"),
  /** `unix:///…`, `tcp://…`, or the name of a docker context. Default: DOCKER_HOST, else the context in use. */
  host: z.string().min(1).optional(),
  /** Between TERM and KILL. */
  graceMs: z.number().int().min(0).max(60_000).default(5_000),
  /** Leaves an attached terminal: Ctrl and one of these. */
  detachKey: z
    .string()
    .regex(/^C-[a-z\]\\^_]$/)
    .default("C-]"),
});
export type DockerOptions = z.infer<typeof DockerOptions>;

export function parseOptions(config: Record<string, unknown>): DockerOptions {
  const parsed = DockerOptions.safeParse(config);
  if (!parsed.success) {
    const known = Object.keys(DockerOptions.shape);
    const problems = optionProblems(parsed.error, { known });
    throw new AoError("CONFIG", `options of the runtime \`docker\`: ${problems.join("; ")}`, {
      hint: `The keys are ${known.join(", ")}.`,
    });
  }
  const { image, build, mounts } = parsed.data;
  if (image !== undefined && build !== undefined) {
    throw new AoError("CONFIG", "options of the runtime `docker`: `image` and `build` exclude each other");
  }
  const open = mounts.find(
    ({ source }) => source === "/" || /(?:^|\/)(?:docker|podman|containerd)\.sock$/.test(source),
  );
  if (open !== undefined) {
    throw new AoError("CONFIG", `options of the runtime \`docker\`: ${open.source} may not be mounted`, {
      hint: "A container that has it has the whole machine.",
    });
  }
  return parsed.data;
}
