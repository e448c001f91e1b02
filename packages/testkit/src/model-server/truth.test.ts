import { expect, test } from "vitest";
import { Truth } from "./truth.ts";

test("a conversation is found by what was said in it, even if the client withdrew that", () => {
  const truth = new Truth(null);
  const heard = { conversation: "c1", client: "x", results: [] };
  truth.heard({ ...heard, users: ["the mark of app-1."] });
  truth.heard({ ...heard, users: ["are you there?"] });
  expect(truth.saying("mark of app-1.").map(({ id }) => id)).toEqual(["c1"]);
  expect(truth.timesHeard("are you there?")).toBe(1);
});
