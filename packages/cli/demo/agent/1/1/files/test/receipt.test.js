import assert from "node:assert/strict";
import test from "node:test";
import { receipt } from "../src/receipt.js";

test("a receipt ends with thanks", () => {
  assert.equal(receipt([]).at(-1), "Thank you!");
});
