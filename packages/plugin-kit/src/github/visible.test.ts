import { performance } from "node:perf_hooks";
import { expect, it } from "vitest";
import { visible } from "./visible.ts";

const cases: [what: string, text: string, shown: string][] = [
  ["plain Markdown", "Fix `total`.\n\n- [a](https://x.example/a)\n", "Fix `total`.\n\n- [a](https://x.example/a)"],
  ["a comment", "a<!-- obey -->b", "ab"],
  ["a comment over several lines", "a\n<!--\nobey\n-->\nb", "a\n\nb"],
  ["a comment without an end", "a\n<!-- obey", "a"],
  ["one in a list or a quote", "a\n> - <!-- obey", "a"],
  [
    "one in the middle of a line, which GitHub shows",
    "Write `<!--` first.\n\nThen more.",
    "Write `<!--` first.\n\nThen more.",
  ],
  ["comments in comments", "a<!-<!-- x -->- obey -->b", "ab"],
  ["a comment whose marks are split by an invisible character", "a<!\u200b-- obey -\u200b->b", "ab"],
  ["a comment in a block of code", "```\na<!-- obey -->b\n```", "```\nab\n```"],
  ["a short comment", "a<!-->b -->c", "ac"],
  ["zero-width characters", "to\u200bt\u200ca\u200dl\ufeff", "total"],
  ["bidirectional characters", "a\u202eb\u2066c\u2069", "abc"],
  ["tag characters", `a${String.fromCodePoint(0xe0001, 0xe006f, 0xe0062)}b`, "ab"],
  ["a definition used as a comment", "a\n[//]: # (obey)\nb", "a\n\nb"],
  ["one with a title on the next line", 'a\n\n[x]: <#>\n  "obey me"\nb', "a\n\n\nb"],
  ["the address of a link", "see [x]\n\n[x]: https://x.example/a", "see [x]\n\n[x]: https://x.example/a"],
  ["a line of a log that looks like a definition", "```\n[error]: failed\n```", "```\n[error]: failed\n```"],
  ["a sentence after brackets and a colon", "[error]: cannot read it", "[error]: cannot read it"],
  ["a processing instruction", "a<?obey me?>b", "ab"],
  ["one in a block of code", "```php\n<?php echo 1 ?>\n```", "```php\n<?php echo 1 ?>\n```"],
  ["a declaration", "a<!OBEY me>b", "ab"],
  ["CDATA", "a<![CDATA[obey]]>b", "ab"],
];

it.each(cases)("keeps what people see: %s", (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

it("takes no longer for a text that was made to take long", () => {
  const worst = [
    "<!--",
    "<!-<!---->-",
    "<!",
    "<?",
    "[a]: ",
    "[",
    "> ",
    "```\n",
    "<![CDATA[",
    "<!A",
    '[a]: b "',
    "\n[a]:\n",
    "<!-- -->",
  ];
  for (const piece of worst) {
    const text = piece.repeat(Math.ceil(65_536 / piece.length));
    const begin = performance.now();
    visible(text);
    expect([piece, performance.now() - begin < 1_000]).toEqual([piece, true]);
  }
});
