import { expect, test } from "vitest";
import { trustedSandbox } from "../config/testing/config-sandbox.ts";
import { channelsOf, nameFrom } from "./channel-table.ts";

test("a channel of another config is named with that config's folder, unless both have it", () => {
  const shared = "lamp: { plugin: command, command: lamp } }\ndefaults: { notifiers: [lamp]";
  const [here, other] = ["mine", "theirs"].map((channel) =>
    trustedSandbox(`notifiers: { team: { plugin: slack, channel: ${channel} }, ${shared} }\n`).load(),
  );
  if (here === undefined || other === undefined) throw new Error("two configs");
  const all = [here, other];
  const names = (from: typeof here | null) => [...channelsOf(all).keys()].map(nameFrom(from, all)).sort();
  expect(names(here)).toEqual(["lamp", "team", `team of ${other.dir}`]);
  expect(names(other)).toEqual(["lamp", "team", `team of ${here.dir}`]);
  expect(names(null)).toEqual(["lamp", "team", "team"]);
  expect(nameFrom(here, all)("gone#1")).toBe("gone");
});
