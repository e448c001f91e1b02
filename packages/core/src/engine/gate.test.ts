import { expect, it } from "vitest";
import { createGate } from "./gate.ts";

it("runs two at a time and the others in order, even after a failure", async () => {
  const gate = createGate(2);
  const seen: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) =>
    gate(
      () =>
        new Promise<void>((resolve, reject) => {
          seen.push(name);
          ends.set(name, (error) => (error === undefined ? resolve() : reject(error)));
        }),
    );
  const [a, b, c, d] = [work("a"), work("b"), work("c"), work("d")];
  expect(seen).toEqual(["a", "b"]);
  ends.get("b")?.(new Error("broken"));
  await expect(b).rejects.toThrow("broken");
  await Promise.resolve();
  expect(seen).toEqual(["a", "b", "c"]);
  ends.get("a")?.();
  ends.get("c")?.();
  await Promise.all([a, c]);
  expect(seen).toEqual(["a", "b", "c", "d"]);
  ends.get("d")?.();
  await d;
});
