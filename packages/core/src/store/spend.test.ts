import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { realFs } from "../host/fs-port.ts";
import type { ProjectSpend } from "../model/spend.ts";
import type { State } from "../model/state.ts";
import { openSecret } from "./caller-files.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { createSigner } from "./signer.ts";
import { changed, openReal } from "./testing/sample.ts";

const KEY = "0123456789ab-app";
const kinds = { input: 7, output: 2, cacheRead: 0, cacheWrite: 0 };
const sum = { model: "m", tokens: kinds, usd: 1.5, bare: { ...kinds, input: 0, output: 0 } };
const spend: ProjectSpend = {
  ...{ key: KEY, instanceId: "0123456789ab", projectId: "app", day: "2026-01-01", sessionsToday: 1 },
  ...{ total: [sum], today: [sum] },
};
const members = (state: State) => [...Object.keys(state.spend), ...(state.told ?? [])];

it("usage survives a kill and a clean stop", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  const usage = [{ id: "c1", models: [{ model: "m", tokens: kinds, usd: 1.5 }] }];
  const next = {
    ...changed(store.state, "app-1", { usage: { reports: usage } }),
    spend: { [KEY]: spend },
    told: ["reached:x"],
  };
  store.commit({ next, events: [] });
  store.close();
  const again = openReal(home);
  expect([again.state.spend[KEY], again.state.told, again.state.sessions["app-1"]?.usage.reports]).toEqual([
    spend,
    ["reached:x"],
    usage,
  ]);
  again.close();
});

it("a state from before usage was counted loads and starts at zero", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  store.commit({ next: changed(store.state, "app-1", {}), events: [] });
  const { spend: _, ...old } = store.state;
  const { layout } = store;
  store.close();
  const file = {
    fs: realFs,
    path: layout.checkpoint,
    previous: layout.previousCheckpoint,
    signer: createSigner(openSecret(layout).secret),
  };
  writeCheckpoint(file, { state: old as State, damaged: {}, signedFrom: 1 });
  const again = openReal(home);
  expect([members(again.state), again.problems]).toEqual([[], []]);
  expect(Object.keys(again.state.sessions)).toEqual(["app-1"]);
  again.commit({ next: { ...again.state, spend: { [KEY]: spend } }, events: [] });
  expect(members(again.state)).toEqual([KEY]);
  again.close();
});
