import { expect, it } from "vitest";
import { proxyFor } from "./proxy.ts";

const HTTPS = { HTTPS_PROXY: "http://p:3128" };

it.each<[string, string, Record<string, string>, string | null]>([
  ["nothing set", "https://a.example", {}, null],
  ["https", "https://a.example", HTTPS, "http://p:3128/"],
  ["https only", "http://a.example", HTTPS, null],
  ["http", "http://a.example", { HTTP_PROXY: "http://p" }, "http://p/"],
  ["ALL_PROXY where the own one is missing", "https://a.example", { ALL_PROXY: "http://all" }, "http://all/"],
  ["small letters before capitals", "https://a.example", { ...HTTPS, https_proxy: "http://q" }, "http://q/"],
  ["an empty value", "https://a.example", { HTTPS_PROXY: "" }, null],
  ["without a scheme", "https://a.example", { HTTPS_PROXY: "p:8080" }, "http://p:8080/"],
  ["this machine", "https://localhost:1", HTTPS, null],
  ["this machine by address", "https://[::1]:1", HTTPS, null],
  ["excepted by name", "https://a.example", { ...HTTPS, NO_PROXY: "a.example" }, null],
  ["excepted with what is below", "https://x.a.example", { ...HTTPS, NO_PROXY: "a.example" }, null],
  ["a dot before", "https://x.a.example", { ...HTTPS, NO_PROXY: ".a.example" }, null],
  ["a star before", "https://x.a.example", { ...HTTPS, NO_PROXY: "*.a.example" }, null],
  ["another name with that end", "https://ba.example", { ...HTTPS, NO_PROXY: "a.example" }, "http://p:3128/"],
  ["everything", "https://a.example", { ...HTTPS, no_proxy: "*" }, null],
  ["a list with blanks", "https://c.example", { ...HTTPS, NO_PROXY: "a.example, c.example" }, null],
  ["its port", "https://a.example:8443", { ...HTTPS, NO_PROXY: "a.example:8443" }, null],
  ["another port", "https://a.example", { ...HTTPS, NO_PROXY: "a.example:8443" }, "http://p:3128/"],
  ["the usual port", "https://a.example", { ...HTTPS, NO_PROXY: "a.example:443" }, null],
  ["a network", "https://10.1.2.3", { ...HTTPS, NO_PROXY: "10.0.0.0/8" }, null],
  ["another network", "https://11.1.2.3", { ...HTTPS, NO_PROXY: "10.0.0.0/8" }, "http://p:3128/"],
  ["an IPv6 address", "https://[fd00::1]", { ...HTTPS, NO_PROXY: "fd00::1" }, null],
  ["an IPv6 network", "https://[fd00::1]", { ...HTTPS, NO_PROXY: "fd00::/8" }, null],
  ["nonsense beside a name", "https://a.example", { ...HTTPS, NO_PROXY: "/,10.0.0.0/99,[,a.example" }, null],
])("%s", (...[, url, env, proxy]) => {
  expect(proxyFor(new URL(url), env)?.href ?? null).toBe(proxy);
});

it("a value that is no URL is an error, not a direct connection", () => {
  expect(() => proxyFor(new URL("https://a.example"), { HTTPS_PROXY: "http://:0:0" })).toThrow(TypeError);
});
