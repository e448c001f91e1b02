import type { InstanceConfig } from "./instance.ts";
import { type Env, secretValues, variablesIn } from "./interpolate.ts";

/** Names of the variables that fill in what ao itself uses (notifiers, trackers, scms): agents do not get them. */
export function withheldVariables(instance: InstanceConfig): string[] {
  return variablesIn([
    ...Object.values(instance.notifiers).map((notifier) => notifier.options),
    ...instance.projects.flatMap(({ tracker, scm, terminal }) =>
      [tracker, scm, terminal].map(({ options }) => options),
    ),
  ]);
}

/** Every value of an instance's config that must never be printed, logged or stored. None of an untrusted one's variables is read. */
export function secretsOf(instance: InstanceConfig, env: Env): string[] {
  const options = [
    ...Object.values(instance.notifiers).map((notifier) => notifier.options),
    ...Object.values(instance.agents).map((variant) => variant.options),
    ...instance.projects.flatMap(({ runtime, agent, workspace, tracker, scm, terminal, agentConfig }) => [
      ...[runtime, agent, workspace, tracker, scm, terminal].map((choice) => choice.options),
      agentConfig,
    ]),
  ];
  return secretValues(options, instance.trust.isTrusted ? env : {});
}
