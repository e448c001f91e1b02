/** What a stranger would like to have work somewhere. */
export const HOSTILE_TEXTS: Record<string, string> = {
  "Slack's mentions": "<!channel> <!here> <!everyone> <@U012AB3CD> <#C123|general> <!subteam^S1>",
  "Slack's links": "<https://evil.example|your bank> <mailto:a@evil.example|mail>",
  "Discord's mentions": "@everyone @here <@123456789012345678> <@&123456789012345678> <#1> </cmd:1> <:a:1> <t:1:R>",
  Markdown:
    "**b** __u__ ~~s~~ ||hidden|| `code` ```js\\nx``` > quote # head - item 1. one [bank](https://evil.example) ![i](x)",
  "escaped Markdown": "\\**b\\** \\[bank](https://evil.example) \\\\[bank](<https://evil.example>) \\`x\\`",
  HTML: '<b>b</b> <a href="https://evil.example">bank</a> <img src=x onerror=alert(1)> &lt;b&gt; <at>Everyone</at>',
  Telegram: "@admin #tag $USD /start@bot /stop tg://resolve?domain=evil t.me/evil *b* _i_ [x](tg://user?id=1)",
  "bare addresses":
    "https://evil.example http://1.2.3.4/x ftp://evil.example www.evil.example evil.com evil。com a@evil.com",
  "emoji codes": ":tada: :rotating_light: <:custom:123>",
  terminals: "\u001b]8;;https://evil.example\u0007bank\u001b]8;;\u0007 \u001b[31mred\u001b[0m \u0007\u0008\u009b1m",
  "invisible and turned": "\u202egnp.exe\u202c \u200b\u2066x\u2069 \ufeff a\u2028b \u{e0041}",
  "halves of characters": "\ud83d x \udc00",
  lines: "one\r\n## two\n\n> three\n1. four",
  "what ends a frame": "``` ** ` )> ]( |> </code></pre> \" ' }",
};

/** What clients of chats look for in a text on their own. */
export const LIVE_TEXT: Record<string, RegExp> = {
  "an address": /\b[a-z][a-z0-9+.-]*:\/\//i,
  "a host": /[\p{L}\p{N}][.。][\p{L}]{2}/u,
  "a mention": /@[\w&!]/,
  "a mention of Slack or Discord": /<[!@#:/a-z]/i,
  "a channel or a tag": /(^|\s)#\w/,
  "a command": /(^|\s)\/\w/,
  "an emoji code": /:[a-z_]+:/,
};

/** As a person sees it. */
export const withoutJoiners = (text: string) => text.replaceAll("\u2060", "");

/** Every text in a value, keys not included. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}
