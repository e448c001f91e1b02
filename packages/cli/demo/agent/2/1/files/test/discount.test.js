import assert from "node:assert/strict";
import test from "node:test";
import { total } from "../src/cart.js";

test("twenty pieces are ten percent cheaper", () => {
  assert.equal(total([{ name: "apple", cents: 50, count: 20 }]), 900);
});
