import type { PluginChoice, ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { maskSecrets } from "../config/interpolate.ts";
import { defineRequest } from "../define-request.ts";

/** What only the daemon needs. */
const HIDDEN = { brokenProjects: undefined, policies: undefined, trust: undefined, pluginParts: undefined };

/** The effective config: layers merged, defaults filled in, secrets masked. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({}),
}).returns<{ path: string; config: unknown }>(async (app, _wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  return { data: { path: instance.path, config: maskSecrets({ ...(await withMasked(app, instance)), ...HIDDEN }) } };
});

/** The plugins that may be told a secret, such as the address of a webhook, and say which of their options are. */
const AROUND = ["tracker", "scm", "terminal"] as const satisfies readonly Slot[];

async function withMasked(app: App, instance: InstanceConfig): Promise<InstanceConfig> {
  const masked = async (slot: Slot, choice: PluginChoice): Promise<PluginChoice> => {
    const declared = await declaredSecrets(app, instance, { slot, plugin: choice.plugin });
    return { ...choice, options: maskSecrets(choice.options, declared) };
  };
  const notifiers = await Promise.all(
    Object.entries(instance.notifiers).map(async ([name, choice]) => [name, await masked("notifier", choice)] as const),
  );
  const projects = await Promise.all(
    instance.projects.map(async (project): Promise<ProjectConfig> => {
      const choices = await Promise.all(AROUND.map(async (slot) => [slot, await masked(slot, project[slot])] as const));
      const trackers = await Promise.all((project.trackers ?? []).map((choice) => masked("tracker", choice)));
      return { ...project, ...Object.fromEntries(choices), ...(trackers.length === 0 ? {} : { trackers }) };
    }),
  );
  return { ...instance, notifiers: Object.fromEntries(notifiers), projects };
}

/** None of a plugin that can't be loaded. Options whose names sound like secrets are masked anyway. */
async function declaredSecrets(app: App, instance: InstanceConfig, of: { slot: Slot; plugin: string }) {
  try {
    return (await app.registry.manifest(of.slot, of.plugin, instance)).secrets ?? [];
  } catch {
    return []; // `ao plugin list` says what is wrong with it.
  }
}
