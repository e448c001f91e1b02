import { effect, signal } from "@preact/signals";
import { keep, matches, recall } from "../world.ts";

export type Theme = "system" | "light" | "dark";

const kept = recall("theme");
export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "system");

const system = matches("(prefers-color-scheme: dark)");
export const isDark = signal(system.matches);

export function startTheme(): void {
  system.addEventListener("change", () => {
    if (theme.value === "system") isDark.value = system.matches;
  });
  effect(() => {
    isDark.value = theme.value === "system" ? system.matches : theme.value === "dark";
    document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
    keep("theme", theme.value === "system" ? null : theme.value);
  });
}

export const toggleTheme = (): void => {
  theme.value = isDark.value ? "light" : "dark";
};
