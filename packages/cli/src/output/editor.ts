import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Io } from "./io.ts";

const CUT = "# ------------------------ everything below is ignored ------------------------";

/** A text that the user writes in their editor. VISUAL and EDITOR may contain arguments. */
export function editText(io: Io, { begin, about }: { begin: string; about: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "ao-"));
  const file = join(folder, "task.md");
  try {
    writeFileSync(file, `${begin}\n\n${CUT}\n# ${about}\n# Save and quit to continue. An empty text cancels.\n`, {
      mode: 0o600,
    });
    const [program = "vi", ...args] = (io.env.VISUAL || io.env.EDITOR || "vi")
      .split(/\s+/)
      .filter((word) => word !== "");
    const ended = spawnSync(program, [...args, file], { stdio: "inherit" });
    if (ended.error !== undefined) {
      throw new AoError("UNAVAILABLE", `the editor ${program} could not be started`, {
        hint: "Set EDITOR, or use --prompt.",
      });
    }
    if (ended.status !== 0)
      throw new AoError(
        "FAILED",
        `the editor ${program} exited with ${ended.status ?? ended.signal}, nothing was started`,
      );
    return (readFileSync(file, "utf8").split(CUT)[0] ?? "").trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
