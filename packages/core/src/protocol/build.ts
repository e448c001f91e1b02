declare const __AO_BUILD__: string | undefined;
declare const __AO_VERSION__: string | undefined;

/** The version of the package, set when it is bundled. */
export const VERSION = typeof __AO_VERSION__ === "string" ? __AO_VERSION__ : "0.0.0";

/** Identifies this build: `{version}+{hash of the bundle}`. From source it is always the same. */
export const BUILD = `${VERSION}+${typeof __AO_BUILD__ === "string" ? __AO_BUILD__ : "source"}`;

/** Whether a caller of build `caller` should replace a daemon of build `daemon`. Never for an older one. */
export function shouldReplace(daemon: string, caller: string): boolean {
  return daemon !== caller && compareVersions(caller, daemon) >= 0;
}

function compareVersions(a: string, b: string): number {
  const left = numbers(a);
  const right = numbers(b);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(build: string): number[] {
  return (build.split(/[+-]/)[0] ?? "").split(".").map((part) => Number.parseInt(part, 10) || 0);
}
