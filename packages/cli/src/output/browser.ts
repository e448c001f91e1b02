import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Io } from "./io.ts";

/** Opens a link in the user's browser. Where there is none, the link that was printed has to do. */
export async function openInBrowser(io: Io, link: string): Promise<boolean> {
  const program = programFor(io);
  if (program === null) return false;
  const child = spawn(program, [link], { env: io.env, stdio: "ignore", detached: true });
  child.unref();
  return await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
  });
}

function programFor({ env, platform }: Io): string | null {
  if (platform === "darwin") return "/usr/bin/open";
  const hasDesktop = (env.DISPLAY ?? "") !== "" || (env.WAYLAND_DISPLAY ?? "") !== "";
  const names = [...(env.WSL_DISTRO_NAME === undefined ? [] : ["wslview"]), ...(hasDesktop ? ["xdg-open"] : [])];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}
