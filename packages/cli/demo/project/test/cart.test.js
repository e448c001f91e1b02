import assert from "node:assert/strict";
import test from "node:test";
import { count, total } from "../src/cart.js";

const apples = (n) => [{ name: "apple", cents: 50, count: n }];

test("the total is price times count, summed up", () => {
  assert.equal(total([...apples(2), { name: "pear", cents: 80, count: 1 }]), 180);
});

test("an empty cart costs nothing", () => {
  assert.equal(total([]), 0);
});

test("nine of a kind cost nine times the price", () => {
  assert.equal(total(apples(9)), 450);
});

test("the cart knows how many things are in it", () => {
  assert.equal(count(apples(3)), 3);
});
