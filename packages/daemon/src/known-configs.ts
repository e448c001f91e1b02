import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { InstanceConfig } from "./config/instance.ts";
import { diffTrust } from "./config/trust.ts";

/** The first time this config is seen (or seen elsewhere): remembered, untrusted. */
export async function register(engine: Engine, instance: InstanceConfig): Promise<void> {
  const known = engine.state.instances[instance.id];
  if (known !== undefined && known.configPath === instance.path) return;
  await engine.change((state) => {
    const entry = {
      trustedPin: null,
      trustedText: null,
      ...state.instances[instance.id],
      id: instance.id,
      configPath: instance.path,
    };
    return { state: { ...state, instances: { ...state.instances, [instance.id]: entry } } };
  });
}

export function untrusted(instance: InstanceConfig, before: string | null): AoError {
  const diff = before === null ? null : diffTrust(before, instance.trust.text).join("\n");
  const what = before === null ? "is not trusted yet" : "has changed in parts that run commands";
  return new AoError("UNTRUSTED", `${instance.path} ${what}: nothing in it runs`, {
    hint: "Read it, then say `ao trust`.",
    details: { configPath: instance.path, text: instance.trust.text, diff, pin: instance.trust.pin },
  });
}
