import type { Slot } from "@agent-orchestrator/core/slots/common";
import type { InstanceConfig } from "./instance.ts";
import {
  type Env,
  eachText,
  hasPlaceholder,
  isDeclared,
  isSecretKey,
  secretValues,
  variablesIn,
} from "./interpolate.ts";

/** The names that a plugin's manifest declares secret. Null if the plugin can't be read. */
export type DeclaredSecrets = (slot: Slot, plugin: string) => Promise<readonly string[] | null>;

/** Nothing runs without these. They are never secrets, whatever they fill in. */
const NEVER_WITHHELD =
  /^(HOME|PATH|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|TMPDIR|PWD|HOSTNAME|DISPLAY|XDG_[A-Z_]+)$/;

/**
 * Names of the variables that fill in what plugins around the sessions (notifiers, trackers, scms, terminals) declare
 * secret. Agents and CI don't get them. If a plugin can't be read, options whose names sound like secrets count.
 */
export async function withheldVariables(instance: InstanceConfig, declared: DeclaredSecrets): Promise<string[]> {
  const names = new Set<string>();
  for (const { slot, plugin, options } of aroundSessions(instance)) {
    const marks = await declared(slot, plugin);
    eachText(options, [], (text, path) => {
      const isSecret = marks === null ? path.some((key) => isSecretKey(String(key))) : isDeclared(path, marks);
      for (const name of isSecret ? variablesIn(text) : []) names.add(name);
    });
  }
  return [...names].filter((name) => !NEVER_WITHHELD.test(name)).sort();
}

/** Names of the variables in which the plugins around an instance's sessions look for a token. Agents and CI don't get them. */
export async function tokenVariables(
  instance: InstanceConfig,
  variablesOf: (slot: Slot, plugin: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const asked = new Map(allAround(instance).map((around) => [`${around.slot} ${around.plugin}`, around]));
  const names = await Promise.all([...asked.values()].map(({ slot, plugin }) => variablesOf(slot, plugin)));
  return [...new Set(names.flat())].filter((name) => !NEVER_WITHHELD.test(name)).sort();
}

interface Around {
  slot: Slot;
  plugin: string;
  options: Record<string, unknown>;
}

function allAround(instance: InstanceConfig): Around[] {
  return [
    ...Object.values(instance.notifiers).map((choice): Around => ({ slot: "notifier", ...choice })),
    ...instance.projects.flatMap(({ tracker, trackers = [tracker], scm, terminal }): Around[] => [
      ...trackers.map((one): Around => ({ slot: "tracker", ...one })),
      { slot: "scm", ...scm },
      { slot: "terminal", ...terminal },
    ]),
  ];
}

/** Only those whose options use variables. The others need not be loaded. */
function aroundSessions(instance: InstanceConfig): Around[] {
  return allAround(instance).filter(({ options }) => {
    let isAsking = false;
    eachText(options, [], (text) => {
      isAsking ||= hasPlaceholder(text);
    });
    return isAsking;
  });
}

/** Every value of an instance's config that must never be printed, logged or stored. An untrusted config's variables are not read. */
export function secretsOf(instance: InstanceConfig, env: Env): string[] {
  const options = [
    ...Object.values(instance.notifiers).map((notifier) => notifier.options),
    ...Object.values(instance.agents).map((variant) => variant.options),
    ...instance.projects.flatMap(
      ({ runtime, agent, workspace, tracker, trackers = [], scm, terminal, agentConfig }) => [
        ...[runtime, agent, workspace, tracker, ...trackers, scm, terminal].map((choice) => choice.options),
        agentConfig,
      ],
    ),
  ];
  return secretValues(options, instance.trust.isTrusted ? env : {});
}

/** Words that are masked in everything `ao` prints. */
export interface Mask {
  keep(words: readonly string[]): void;
  redact(text: string, mark?: string): string;
}

export function createMask(): Mask {
  let secrets: string[] = [];
  return {
    // The longest first: one may be part of another.
    keep(words) {
      secrets = [...new Set([...secrets, ...words])].sort((a, b) => b.length - a.length);
    },
    redact: (text, mark = "…") => secrets.reduce((rest, secret) => rest.replaceAll(secret, mark), text),
  };
}
