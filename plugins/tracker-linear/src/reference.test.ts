import { expect, it } from "vitest";
import { addressOf, parseReference } from "./reference.ts";

const UUID = "2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9";

it.each([
  ["INT-100", "INT-100", null],
  ["#INT-100", "INT-100", null],
  ["int-100", "INT-100", null],
  [" Int-0100 ", "INT-100", null],
  ["A1-7", "A1-7", null],
  [UUID, UUID, null],
  [UUID.toUpperCase(), UUID, null],
  ["https://linear.app/acme/issue/INT-100/wrong-total", "INT-100", "acme"],
  ["https://linear.app/acme/issue/INT-100", "INT-100", "acme"],
  ["https://linear.app/acme-2/issue/int-100#comment-1234", "INT-100", "acme-2"],
  ["https://linear.app/issue/INT-100", "INT-100", null],
] as const)("reads %j as %s of %s", (text, id, workspace) => {
  expect(parseReference(text)).toEqual({ id, workspace });
});

it.each([
  ...["42", "#42", "", "INT", "INT-", "INT-0", "-100", "INT-1-2", "INT 100", "INT_100", "I".repeat(11).concat("-1")],
  ...["owner/repo#42", "https://github.com/acme/shop/issues/42", "https://linear.app/acme/project/INT-100"],
  ...["https://evil.test/acme/issue/INT-100", "https://linear.app.evil.test/acme/issue/INT-100", "../INT-1", "--help"],
  ...["INT-100\nINT-101", `${UUID}0`, "INT-1234567890"],
])("takes %j for no issue", (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
});

it("leaves the words of the title out of an address", () => {
  expect(addressOf("https://linear.app/acme/issue/INT-1/a-title").url).toBe("https://linear.app/acme/issue/INT-1");
});
