import fc from "fast-check";
import { expect, it, test } from "vitest";
import { redactor } from "./redact.ts";

const redact = redactor(() => ["s3cret-token-value", "päss wörd"]);

it.each([
  ["a known secret", "tried s3cret-token-value twice", "tried [secret] twice"],
  ["its form in a URL", `/x?q=${encodeURIComponent("päss wörd")}`, "/x?q=[secret]"],
  ["a token of GitHub", "bad ghp_abcdefghijklmnopqrst0123456789AB", "bad [secret]"],
  ["a fine-grained one", "github_pat_11ABCDEFG0abcdefghijkl_mnop", "[secret]"],
  ["an Authorization header", "authorization: Bearer abcdefghijkl.mno", "authorization: [secret]"],
  ["the user of a URL", "https://me:pw@api.example.com/x", "https://api.example.com/x"],
  ["a signed URL", "https://s.example/l?sv=1&sig=AbC%2F123&x=1", "https://s.example/l?sv=1&sig=[secret]&x=1"],
  ["an access token in a query", "/x?access_token=abc123&page=2", "/x?access_token=[secret]&page=2"],
  ["nothing", "GET https://api.example.com/repos/a/b: 404", "GET https://api.example.com/repos/a/b: 404"],
])("takes out %s", (_what, text, clean) => {
  expect(redact(text)).toBe(clean);
});

test("no secret of six letters or more survives, wherever it stands", () => {
  const word = fc.string({ minLength: 6, maxLength: 40 }).filter((text) => text.trim().length >= 6);
  fc.assert(
    fc.property(word, fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!"[secret]".includes(secret));
      expect(redactor(() => [secret])(`${before}${secret}${after}`)).not.toContain(secret);
    }),
  );
});
