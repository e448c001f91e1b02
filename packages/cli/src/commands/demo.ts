import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "demo",
  group: "begin",
  position: 30,
  summary: "Play the whole loop in a throwaway repository, with scripted agents and no network",
  options: [
    { flags: "--scm <name>", text: "play it on a stand-in for `github`, instead of `local`" },
    { flags: "--keep", text: "keep the folder" },
  ],
  examples: [
    ["ao demo", "takes under a minute"],
    ["ao demo --scm github", "pull requests, checks and reviews as on GitHub, without an account"],
  ],
};

export const run: Run = async (input, context) => {
  const { demo } = await import("../demo/demo.ts");
  return await demo(context, { isKept: input.flag("keep"), scm: input.text("scm") ?? "local" });
};
