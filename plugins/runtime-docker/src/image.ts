import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Log } from "@agent-orchestrator/core/slots/common";
import { DEFAULT_DOCKERFILE } from "./default-image.ts";
import type { Engine } from "./engine.ts";
import type { DockerOptions } from "./options.ts";

export interface Image {
  name: string;
  id: string;
  /** Its own variables: PATH and the like. */
  env: Record<string, string>;
}

interface Recipe {
  tag: string;
  context: string;
  dockerfile: string;
  files: string[];
}

/** The image of these options: pulled or built if it is missing. */
export async function ensureImage(engine: Engine, options: DockerOptions, log: Log): Promise<Image> {
  if (options.image !== undefined) return await ensureNamed(engine, options.image, options);
  if (options.build !== undefined) {
    const recipe = recipeOf(options.build);
    return (await inspect(engine, recipe.tag)) ?? (await build(engine, recipe, { options, log }));
  }
  const tag = defaultTag();
  const found = await inspect(engine, tag);
  if (found !== null) return found;
  const context = mkdtempSync(join(tmpdir(), "ao-image-"));
  try {
    writeFileSync(join(context, "Dockerfile"), DEFAULT_DOCKERFILE);
    return await build(engine, { tag, context, dockerfile: "Dockerfile", files: ["Dockerfile"] }, { options, log });
  } finally {
    rmSync(context, { recursive: true });
  }
}

export const defaultTag = (): string => `ao-agent:${digest([DEFAULT_DOCKERFILE])}`;

/** The image's name, as far as it is known without building anything. */
export const imageName = (options: DockerOptions): string =>
  options.image ?? (options.build === undefined ? defaultTag() : recipeOf(options.build).tag);

/** Null if the engine does not have it. */
export async function inspect(engine: Engine, name: string): Promise<Image | null> {
  const found = await engine.find((client) => client.getImage(name).inspect());
  if (found === null) return null;
  const pairs = (found.Config?.Env ?? []).map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  return { name, id: found.Id, env: Object.fromEntries(pairs) };
}

async function ensureNamed(engine: Engine, name: string, { pull, platform }: DockerOptions): Promise<Image> {
  const here = await inspect(engine, name);
  if (here !== null && pull !== "always") return here;
  if (pull === "never") throw missing(name, "and `pull: never` is set");
  try {
    await engine.ask(async (client) => {
      const stream = await client.pull(name, platform === undefined ? {} : { platform });
      await new Promise<void>((done, failed) =>
        client.modem.followProgress(stream, (error) => (error === null ? done() : failed(error))),
      );
    });
  } catch (error) {
    throw missing(name, `and it could not be pulled: ${(error as Error).message}`, error);
  }
  const pulled = await inspect(engine, name);
  if (pulled === null) throw missing(name, "although it was pulled");
  return pulled;
}

function missing(name: string, why: string, cause?: unknown): AoError {
  return new AoError("UNAVAILABLE", `the image ${name} is not here, ${why}`, {
    hint: "Pull or build it, or set `image:` of the runtime to another.",
    cause,
  });
}

interface BuildOptions {
  options: DockerOptions;
  log: Log;
}

async function build(engine: Engine, recipe: Recipe, { options, log }: BuildOptions): Promise<Image> {
  const { tag, context, dockerfile, files } = recipe;
  const platform = options.platform === undefined ? {} : { platform: options.platform };
  let last = "";
  log.warn("an image is being built, which takes a while", { image: tag });
  try {
    await engine.ask(async (client) => {
      const stream = await client.buildImage({ context, src: files }, { t: tag, dockerfile, ...platform });
      await new Promise<void>((done, failed) =>
        client.modem.followProgress(
          stream,
          (error) => (error === null ? done() : failed(error)),
          (step: { stream?: string; error?: string }) => {
            last = step.error ?? (step.stream?.trim() || last);
          },
        ),
      );
    });
  } catch (error) {
    const said = last === "" ? (error as Error).message : last;
    throw new AoError("UNAVAILABLE", `the image ${tag} could not be built: ${said}`, { cause: error });
  }
  const built = await inspect(engine, tag);
  if (built === null) throw new AoError("UNAVAILABLE", `the image ${tag} could not be built: ${last}`);
  return built;
}

/** Another content has another tag, so a change is built, and nothing is built twice. */
function recipeOf({ dockerfile, context }: NonNullable<DockerOptions["build"]>): Recipe {
  let files: string[];
  let text: string;
  try {
    files = readdirSync(context).filter((name) => name !== ".git");
    text = readFileSync(join(context, dockerfile), "utf8");
  } catch (cause) {
    throw new AoError("CONFIG", `nothing to build an image from: ${(cause as Error).message}`, { cause });
  }
  const parts = files.flatMap((name) => (statSync(join(context, name)).isDirectory() ? below(context, name) : [name]));
  const seen = parts.sort().map((name) => {
    const { size, mtimeMs } = statSync(join(context, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return { tag: `ao-build:${digest([text, ...seen])}`, context, dockerfile, files };
}

const below = (context: string, name: string): string[] =>
  readdirSync(join(context, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(context.length + 1));

const digest = (parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 12);
