import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { onTestFinished } from "vitest";
import { searchPath } from "./desktop.ts";

export const DUNST_PROGRAMS = ["dbus-daemon", "Xvfb", "dunst", "dunstctl"];

export interface Dunst {
  /** A click on the newest notification. */
  click(): Promise<void>;
  /** Chooses the line of dunst's menu that contains this, as soon as there is one. Returns all of them. */
  choose(text: string): Promise<string[]>;
  /** How many notifications are on the screen. */
  count(): Promise<number>;
}

/** The real dunst on this bus, on a screen that nobody sees. */
export async function dunstOn(busAddress: string): Promise<Dunst> {
  const dir = tempDir("ao-dunst");
  const display = await screen(dir);
  const env = { PATH: searchPath(), HOME: dir, DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: busAddress };
  const [menu, choice, offered] = [join(dir, "menu"), join(dir, "choice"), join(dir, "offered")];
  const script = [
    `choice=$(cat '${choice}')`,
    `lines=$(tee '${offered}.new')`,
    `mv '${offered}.new' '${offered}'`,
    `printf '%s\\n' "$lines" | grep -F "$choice" | head -n 1`,
  ];
  writeFileSync(menu, `#!/bin/sh\n${script.join("\n")}\n`);
  chmodSync(menu, 0o755);
  writeFileSync(join(dir, "dunstrc"), `[global]\n  dmenu = ${menu}\n  font = Monospace 8\n  idle_threshold = 0\n`);
  start("dunst", ["-conf", join(dir, "dunstrc")], env);
  const control = async (...words: string[]) => (await exec("dunstctl", words, { env, timeoutMs: 5_000 })).stdout;
  await waitFor(() => control("count").then(() => true), { what: "dunst" });
  return {
    click: async () => void (await control("action", "0")),
    async choose(text) {
      writeFileSync(choice, text);
      // Until the notification with this button is there. The menu chooses nothing before.
      return waitFor(
        async () => {
          rmSync(offered, { force: true });
          await control("context");
          // There is no menu while nothing with buttons is shown.
          const read = () => (existsSync(offered) ? readFileSync(offered, "utf8") : null);
          const lines = await waitFor(read, { what: "dunst's menu", timeoutMs: 1_000 });
          return lines.includes(text) ? lines.trim().split("\n") : null;
        },
        { what: `“${text}” in dunst's menu` },
      );
    },
    count: async () => Number(await control("count", "displayed")),
  };
}

/** Xvfb chooses a free number itself, and writes it to a descriptor. */
async function screen(dir: string): Promise<string> {
  const file = join(dir, "display");
  writeFileSync(file, "");
  const env = { PATH: searchPath(), HOME: dir };
  start("sh", ["-c", `exec Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>'${file}'`], env);
  const number = await waitFor(() => readFileSync(file, "utf8").trim(), { what: "Xvfb" });
  return `:${number}`;
}

function start(program: string, words: string[], env: Record<string, string>): void {
  const child = spawn(program, words, { env, stdio: "ignore" });
  onTestFinished(() => void child.kill());
}
