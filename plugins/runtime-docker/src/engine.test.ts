import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { engineAddress, engineAt } from "./engine.ts";
import { insideEnvironment } from "./inside.ts";

test("the engine is the config's, else DOCKER_HOST's, else that of the context in use, else the usual socket", () => {
  const HOME = tempDir("ao-home");
  const meta = join(HOME, ".docker/contexts/meta/abc");
  mkdirSync(meta, { recursive: true });
  const endpoint = { Name: "rootless", Endpoints: { docker: { Host: "unix:///run/user/1/docker.sock" } } };
  writeFileSync(join(meta, "meta.json"), JSON.stringify(endpoint));
  expect(engineAddress({}, { HOME })).toBe("unix:///var/run/docker.sock");
  writeFileSync(join(HOME, ".docker/config.json"), JSON.stringify({ currentContext: "rootless" }));
  expect(engineAddress({}, { HOME })).toBe("unix:///run/user/1/docker.sock");
  expect(engineAddress({}, { HOME, DOCKER_HOST: "tcp://10.0.0.1:2375" })).toBe("tcp://10.0.0.1:2375");
  expect(engineAddress({ host: "rootless" }, { HOME, DOCKER_HOST: "tcp://10.0.0.1:2375" })).toBe(
    "unix:///run/user/1/docker.sock",
  );
  expect(() => engineAddress({ host: "gone" }, { HOME })).toThrow(/no docker context `gone`/);
});

test("an engine that is not there is UNAVAILABLE, with how to start it", async () => {
  const engine = engineAt(`unix://${join(tempDir(), "no.sock")}`);
  const asked = engine.find((client) => client.getContainer("x").inspect());
  await expect(asked).rejects.toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("Start it") });
});

test("an environment is rewritten for the container once, however often that is asked", () => {
  const inside = { home: "/s/home", path: "/ao/bin:/usr/bin", extra: { LANG: "C" } };
  const env = {
    PATH: "/home/me/bin",
    HOME: "/home/me",
    SSH_AUTH_SOCK: "/run/x",
    AO_SESSION_ID: "app-1",
    API_KEY: "k",
    LANG: "de",
  };
  const once = insideEnvironment(env, inside);
  expect(once).toEqual({ PATH: "/ao/bin:/usr/bin", HOME: "/s/home", AO_SESSION_ID: "app-1", API_KEY: "k", LANG: "C" });
  expect(insideEnvironment(once, inside)).toEqual(once);
});
