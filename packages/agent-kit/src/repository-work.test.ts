import fc from "fast-check";
import { expect, test } from "vitest";
import { repositoryWork } from "./repository-work.ts";

test.each([
  ["git add -A && git commit -qm x", "git commit"],
  ["cd a; git push -u origin feat", "git push"],
  ["git -C sub push origin HEAD", "git push"],
  ["git -c user.name='A B' commit -m x", "git commit"],
  ["git --git-dir .git --no-pager merge main", "git merge"],
  ["/usr/bin/git tag v1", "git tag"],
  ["timeout 60 git pull", "git pull"],
  ["bash -lc 'cd a && git commit -am \"x y\"'", "git commit"],
  ['sh -c "git push origin $(git branch --show-current)"', "git push"],
  ["NAME=x git rebase main", "git rebase"],
  ["(git switch -c b)", "git switch"],
  ["cat <<END | git am\nx\nEND", "git am"],
  ["gh pr create --fill", "gh pr"],
  ["glab mr create", "glab mr"],
  ["cd x; ao pr create", "ao pr"],
])("%j may have changed the repository: %s", (line, what) => {
  expect(repositoryWork(line)).toBe(what);
});

test.each([
  "",
  "ls",
  "git",
  "git status",
  "git -C sub log -p",
  "git log --grep commit",
  "echo digit commit",
  "echo legit commit",
  "ao report done",
  "cat gh.txt",
  "npm test",
])("%j changes nothing", (line) => {
  expect(repositoryWork(line)).toBe(null);
});

test("a command is found wherever it stands in a plain line", () => {
  const word = fc.stringMatching(/^[a-z0-9./=-]{1,8}$/).filter((text) => !/^(?:git|gh|glab|ao|-[cC])$/.test(text));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), fc.array(word, { maxLength: 4 }), (before, behind) => {
      const joint = before.length === 0 ? "" : `${before.join(" ")} && `;
      expect(repositoryWork(`${joint}git commit ${behind.join(" ")}`)).toBe("git commit");
      expect(repositoryWork(["true", ...before, ...behind].join(" "))).toBe(null);
    }),
  );
});

test("no line takes long, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."git commit'\"\\ ;&|$()`\n{}<>"), maxLength: 400 }), (line) => {
      const found = repositoryWork(line.repeat(20));
      expect(found === null || /^(?:git|gh|glab|ao) /.test(found)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
