import assert from "node:assert/strict";
import test from "node:test";
import { conv } from "../src/money.js";

test("1234 cents are twelve euros thirty-four", () => {
  assert.equal(conv(1234), "€12.34");
});
