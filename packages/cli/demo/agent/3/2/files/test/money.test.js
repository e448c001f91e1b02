import assert from "node:assert/strict";
import test from "node:test";
import { formatEuro } from "../src/money.js";

test("1234 cents are twelve euros thirty-four", () => {
  assert.equal(formatEuro(1234), "€12.34");
});

test("a refund has its minus in front", () => {
  assert.equal(formatEuro(-50), "-€0.50");
});
