import fc from "fast-check";
import { expect, it } from "vitest";
import { pathOfSession, routeOf } from "./routes.ts";

it.each([
  ["/", { page: "board" }],
  ["/fleet", { page: "fleet" }],
  ["/login", { page: "login" }],
  ["/s/app-1", { page: "session", id: "app-1", tab: null }],
  ["/s/%E0%A4%A", { page: "session", id: "%E0%A4%A", tab: null }],
  ["/else", { page: "nowhere", path: "/else" }],
])("%s is a page of its own", (path, route) => {
  expect(routeOf(path)).toEqual(route);
});

it("leads back to the session that a path was made of, whatever its id", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (id) => {
      expect(routeOf(pathOfSession(id), "#changes")).toEqual({ page: "session", id, tab: "changes" });
    }),
  );
});
