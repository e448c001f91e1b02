import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { PluginRow } from "@agent-orchestrator/core/protocol/results";
import type { Slot } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";

/** The plugins that can be used, and what is wrong with each. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({}),
}).returns<PluginRow[]>(async (app, _wanted, call) => ({
  data: await listed(app, call),
}));

async function listed(app: App, call: Call): Promise<PluginRow[]> {
  const instance = await app.configs.forCaller(call.caller);
  const rows = await app.registry.list(instance);
  const problems = await Promise.all(rows.map((row) => app.pluginCheck.problemOf(row, instance)));
  return rows.map((row, at) => ({
    slot: row.slot ?? "?",
    name: row.name,
    version: row.version ?? "",
    source: row.origin.where,
    description: row.description ?? "",
    isDefault: instance.projects.some((project) => row.slot !== null && isChosen(project, row.slot, row.name)),
    isStale: app.pluginCheck.isStale(row),
    problem: row.error?.message ?? problems[at] ?? null,
  }));
}

function isChosen(project: ProjectConfig, slot: Slot, name: string): boolean {
  return slot !== "notifier" && project[slot].plugin === name;
}
