import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Answer, type RunOptions, runProgram } from "./ao.ts";

/** A small private disk at `dir`. Only programs that run through it see it: it is a mount namespace, which needs no privileges. */
export class SmallDisk {
  readonly #holder: ChildProcess;
  readonly dir: string;

  private constructor(holder: ChildProcess, dir: string) {
    this.#holder = holder;
    this.dir = dir;
  }

  /** The disk, or why there cannot be one here. */
  static async mount(dir: string, size: string): Promise<SmallDisk | string> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const script = 'mount -t tmpfs -o "size=$1,mode=0700" tmpfs "$2" && echo mounted && exec sleep 100000';
    const holder = spawn("unshare", ["-rm", "sh", "-c", script, "sh", size, dir], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    holder.stderr?.on("data", (text: Buffer) => {
      said += text.toString();
    });
    const isMounted = await new Promise<boolean>((resolve) => {
      holder.stdout?.once("data", () => resolve(true));
      holder.once("error", () => resolve(false));
      holder.once("exit", () => resolve(false));
    });
    return isMounted ? new SmallDisk(holder, dir) : `no private tmpfs here: ${said.trim()}`;
  }

  /** The path of the disk's folder from outside the namespace. */
  get outside(): string {
    return join("/proc", String(this.#holder.pid), "root", this.dir);
  }

  run(argv: string[], options: RunOptions & { cwd: string }): Promise<Answer> {
    const enter = ["-t", String(this.#holder.pid), "-U", "-m", "--preserve-credentials", `--wd=${options.cwd}`];
    return runProgram("nsenter", [...enter, ...argv], options);
  }

  /** Uses up all free space. */
  fill(): void {
    const file = openSync(join(this.outside, `filler-${readdirSync(this.outside).length}`), "wx");
    try {
      for (let size = 1 << 20; size >= 1; ) {
        try {
          writeSync(file, Buffer.alloc(size));
        } catch {
          size >>= 1; // too much for the rest, which is filled in smaller pieces
        }
      }
    } finally {
      closeSync(file);
    }
  }

  /** Uses up all free inodes. */
  fillInodes(): void {
    for (let n = 0; ; n += 1) {
      try {
        closeSync(openSync(join(this.outside, `filler-inode-${n}`), "w"));
      } catch {
        return; // none is left
      }
    }
  }

  empty(): void {
    for (const name of readdirSync(this.outside)) if (name.startsWith("filler-")) rmSync(join(this.outside, name));
  }

  /** Every file below `sub`, as text. */
  files(sub: string): [string, string][] {
    const dir = join(this.outside, sub);
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry): [string, string][] => {
      const path = join(sub, entry.name);
      if (entry.isDirectory()) return this.files(path);
      return entry.isFile() ? [[path, readFileSync(join(this.outside, path), "utf8")]] : [];
    });
  }

  close(): void {
    this.#holder.kill("SIGKILL");
  }
}
