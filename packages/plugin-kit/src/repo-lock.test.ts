import { expect, test } from "vitest";
import { withRepoLock } from "./repo-lock.ts";

test("runs what belongs to one repository one after another, whatever fails, and others in parallel", async () => {
  const seen: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = withRepoLock("a", async () => {
    seen.push("a1 begins");
    await gate;
    seen.push("a1 ends");
    throw new Error("a1 failed");
  });
  const second = withRepoLock("a", async () => void seen.push("a2"));
  await withRepoLock("b", async () => void seen.push("b1"));
  open();
  await expect(first).rejects.toThrow("a1 failed");
  await second;
  expect(seen).toEqual(["a1 begins", "b1", "a1 ends", "a2"]);
});
