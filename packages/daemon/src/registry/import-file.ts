import { pathToFileURL } from "node:url";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { messageOf, pluginError } from "./plugin-module.ts";

/** A plugin whose loading never finishes must not block everything else. */
const IMPORT_MS = 20_000;

export interface ImportFile {
  file: string;
  where: string;
  kind: "package" | "path";
  clock: Clock;
}

/** Loads a JavaScript or TypeScript file. Throws PLUGIN naming the file. */
export async function importFile({ file, where, kind, clock }: ImportFile): Promise<unknown> {
  const origin = { kind, where };
  const gaveUp = new AbortController();
  try {
    const late = clock.sleep(IMPORT_MS, gaveUp.signal).then(() => {
      throw new Error(`it was not loaded within ${IMPORT_MS / 1000} s`);
    });
    return await Promise.race([load(file), late]);
  } catch (cause) {
    throw pluginError(origin, `can't be loaded: ${messageOf(cause)}`, cause);
  } finally {
    gaveUp.abort();
  }
}

/**
 * Uses jiti, which removes types and leaves checking to the author's editor. It includes a compiler, so it is loaded
 * only now. No caches: nothing is written into the user's folders, and an edited plugin is read again.
 */
async function load(file: string): Promise<unknown> {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(pathToFileURL(file).href, { fsCache: false, moduleCache: false, interopDefault: false });
  return await jiti.import(file);
}
