/** Texts that try to become something else, each with its own number, so that it is known which of them did. */

const FORMS = [
  (js: string) => `<img src=x onerror=${js}>`,
  (js: string) => `"><script>${js}</script>`,
  (js: string) => `<svg/onload=${js}>`,
  (js: string) => `'-${js}-'`,
  (js: string) => `javascript:${js}`,
  (js: string) => `[click](javascript:${js})`,
  (js: string) => `\${${js}}{{${js}}}<%= ${js} %>`,
  (js: string) => `</title></style></textarea><body onload=${js}>`,
  (js: string) => `<a href="javascript:${js}" style="position:fixed;inset:0">x</a>`,
  (js: string) => `\u202e<iframe srcdoc="<script>parent.${js}</script>">\u2066`,
  (js: string) => `\u001b]8;;javascript:${js}\u0007link\u001b]8;;\u0007\u001b[31m`,
  (js: string) => `<math><mtext></p><mglyph><style><img src=x onerror=${js}>`,
  (js: string) => `\u0000\u0008<object data="javascript:${js}">`,
  (js: string) => `${"W".repeat(400)}<b onmouseover=${js}>`,
  (js: string) => `diff --git a/x b/x\r+++ b/<img src=x onerror=${js}>`,
];

export const hostileTexts = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => {
    const form = FORMS[at % FORMS.length];
    return form?.(`(window.ran=[...(window.ran||[]),${at}])`) ?? "";
  });

/** What git takes as a branch and a file system as a file. */
export const HOSTILE_BRANCH = '"><img/src=x/onerror=window.ran=1>';
export const HOSTILE_FILE = '<img src=x onerror="window.ran=[2]">.ts';
