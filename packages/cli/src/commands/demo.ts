import type { Run } from "../command.ts";

export const run: Run = async (input, context) => {
  const { demo } = await import("../demo/demo.ts");
  return await demo(context, { isKept: input.flag("keep") });
};
