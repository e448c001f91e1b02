import fc from "fast-check";
import { expect, it, test } from "vitest";
import { isLoopbackHost, isPrivateAddress, isPrivateHost } from "./addresses.ts";

it.each([
  ["127.0.0.1", true],
  ["10.1.2.3", true],
  ["172.15.255.255", false],
  ["172.16.0.1", true],
  ["172.32.0.1", false],
  ["192.168.1.1", true],
  ["169.254.169.254", true],
  ["100.64.0.1", true],
  ["100.128.0.1", false],
  ["0.0.0.0", true],
  ["255.255.255.255", true],
  ["224.0.0.1", true],
  ["8.8.8.8", false],
  ["::1", true],
  ["::", true],
  ["fe80::1%eth0", true],
  ["fd00::1", true],
  ["2606:4700::1111", false],
  ["::ffff:127.0.0.1", true],
  ["::ffff:7f00:1", true],
  ["::ffff:8.8.8.8", false],
  ["0:0:0:0:0:ffff:a00:1", true],
  ["64:ff9b::a00:1", true],
  ["64:ff9b::8.8.8.8", false],
  ["2002:7f00:1::", true],
  ["2002:808:808::1", false],
  ["::127.0.0.1", true],
  ["[::1]", true],
  ["not an address", true],
])("%s is private: %s", (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate);
});

it.each([
  ["http://0x7f.1/", true],
  ["http://2130706433/", true],
  ["http://017700000001/", true],
  ["http://127.1/", true],
  ["http://[::ffff:127.0.0.1]/", true],
  ["http://localhost/", true],
  ["http://LOCALHOST./", true],
  ["http://a.localhost/", true],
  ["http://printer.local/", true],
  ["http://metadata.google.internal/", true],
  ["http://intranet/", true],
  ["http://api.example.com/", null],
  ["http://127.0.0.1.example.com/", null],
  ["http://1.1.1.1/", false],
])("the host of %s is private: %s", (url, isPrivate) => {
  expect(isPrivateHost(new URL(url).hostname)).toBe(isPrivate);
});

it.each([
  ["localhost", true],
  ["[::1]", true],
  ["127.8.8.8", true],
  ["10.0.0.1", false],
  ["localhost.example.com", false],
])("%s is this machine: %s", (host, isLoopback) => {
  expect(isLoopbackHost(host)).toBe(isLoopback);
});

test("an IPv4 address is judged the same in whatever IPv6 form it comes", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
      const [high, low] = [(a << 8) | b, (c << 8) | d].map((word) => word.toString(16));
      const forms = [`::ffff:${address}`, `::ffff:${high}:${low}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`];
      for (const form of forms) expect(isPrivateAddress(form), form).toBe(isPrivateAddress(address));
      const parsed = new URL(`http://[::ffff:${address}]/`).hostname;
      expect(isPrivateHost(parsed), parsed).toBe(isPrivateAddress(address));
    }),
  );
});
