const KEY = "[A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----";

/** Tokens whose form is known. Long enough that names of files and variables are none. */
const TOKENS = new RegExp(
  [
    String.raw`\b(?:gh[opusr]_|github_pat_(?=\w*\d)|glpat-(?=[\w-]*\d)|lin_api_|xox[a-z]-(?=[\w-]*\d))[\w.-]{16,}`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`(?<![\w-])sk-(?=[\w-]{0,200}\d)[\w-]{20,}`,
    String.raw`\bnpm_[A-Za-z0-9]{30,}\b`,
    String.raw`\beyJ[\w-]{8,}\.[\w.-]{6,}`,
  ].join("|"),
  "g",
);
/** Whole, or as far as its lines go if the end or the beginning was cut off. */
const PRIVATE_KEYS = new RegExp(
  [
    `-----BEGIN ${KEY}[^]{0,8000}?-----END ${KEY}`,
    String.raw`-----BEGIN ${KEY}(?:\s{1,9}[\w+/=]{16,100})+`,
    String.raw`^(?:…\n)?(?:[\w+/=]{4,100}\r?\n)+-----END ${KEY}`,
  ].join("|"),
  "g",
);
const AUTHORIZATION = /(\bauthorization["']?\s{0,9}[:=]\s{0,9}["']?(?:bearer|basic|token)\s{1,9})[^\s"',]+/gi;
const PASSWORDS = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^/\s:@"'`]{0,300}:[^/\s@"'`]{1,1000}@/gi;

/** Takes what looks like a credential out of a text that was written for something else, such as a log. Leaves the rest as it is. */
export const withoutCredentials = (text: string, mark = "***"): string =>
  text
    .replace(PRIVATE_KEYS, mark)
    .replace(AUTHORIZATION, `$1${mark}`)
    .replace(PASSWORDS, `$1${mark}@`)
    .replace(TOKENS, mark);
