import { expect, test } from "vitest";
import { menuOf } from "../screen/screen.ts";
import { frames, recorded } from "../testing/recorded.ts";
import { type Asked, askedBy, type Request } from "./asked.ts";
import { Item } from "./wire.ts";

const requests = frames().filter(({ id, method }) => id !== undefined && method !== undefined) as Request[];
const items = new Map(
  frames().flatMap(({ method, params }) => {
    const item = method === "item/started" ? Item.parse((params as { item: unknown }).item) : null;
    return item === null ? [] : [[item.id, item] as const];
  }),
);
const asked = (method: string): Asked => {
  const request = requests.find((each) => each.method === method);
  const found = request === undefined ? null : askedBy(request, items);
  if (found === null) throw new Error(`no ${method} was recorded`);
  return found;
};
/** The screen adds its keys. */
const withoutKeys = (labels: string[]): string[] => labels.map((label) => label.replace(/ \([a-z]+\)$/, ""));

test("a command is asked about in Codex's words, with its choices in its order", () => {
  const { questions, command, result } = asked("item/commandExecution/requestApproval");
  expect(command).toContain("touch");
  expect(questions).toHaveLength(1);
  expect(questions[0]?.dialog).toMatchObject({
    kind: "permission",
    text: "Would you like to run the following command?\nMay I?\n$ /bin/bash -lc 'touch /home/dev/outside.txt'",
    choices: [
      "Yes, proceed",
      "Yes, and don't ask again for commands that start with `touch /home/dev/outside.txt`",
      "No, and tell Codex what to do differently",
    ],
    canAlways: true,
    takesText: false,
  });
  expect(result([questions[0]?.choices[0]?.reply])).toEqual({ decision: "accept" });
  expect(questions[0]?.choices[1]?.reply).toEqual({
    decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch", "/home/dev/outside.txt"] } },
  });
});

test("an edit is asked about with the choices on Codex's own screen, and names its files", () => {
  const { questions, command } = asked("item/fileChange/requestApproval");
  const onScreen = menuOf(recorded("screen-patch.txt").split("\n"));
  expect(questions[0]?.dialog.choices).toEqual(withoutKeys(onScreen?.dialog.choices ?? []));
  expect(questions[0]?.dialog.text).toContain("beside.txt");
  expect(command).toBe(null);
});

test("a question in two parts is two dialogs and one answer", () => {
  const { questions, result } = asked("item/tool/requestUserInput");
  expect(questions.map(({ dialog }) => [dialog.text, dialog.choices, dialog.takesText])).toEqual([
    ["(1 of 2) Which colour?", ["Red (Recommended)", "Blue"], true],
    ["(2 of 2) Which size?", ["S", "L"], true],
  ]);
  expect(new Set(questions.map(({ dialog }) => dialog.id)).size).toBe(2);
  expect(result([questions[0]?.choices[1]?.reply, questions[1]?.reply?.("huge")])).toEqual({
    answers: { q1: { answers: ["Blue"] }, q2: { answers: ["huge"] } },
  });
});

test("a repeated request is the same dialog, a later one is another", () => {
  const [first] = requests;
  if (first === undefined) throw new Error("nothing recorded");
  const idOf = (request: Request) => askedBy(request, items)?.questions[0]?.dialog.id;
  expect(idOf({ ...first, id: 99 })).toBe(idOf(first));
  expect(idOf({ ...first, params: { ...(first.params as object), startedAtMs: 1 } })).not.toBe(idOf(first));
});

test.each(["item/tool/call", "account/chatgptAuthTokens/refresh", "of/a/later/version"])(
  "%s is not for a user",
  (method) => {
    expect(askedBy({ id: 1, method, params: { threadId: "t" } }, items)).toBe(null);
  },
);

test("requested permissions are granted exactly as requested, or not at all", () => {
  const permissions = { network: { enabled: true }, fileSystem: null };
  const params = { threadId: "t", itemId: "i", permissions, reason: "to fetch" };
  const found = askedBy({ id: 1, method: "item/permissions/requestApproval", params }, items);
  expect(found?.questions[0]?.choices.map(({ reply }) => reply)).toEqual([
    { permissions, scope: "turn" },
    { permissions, scope: "session" },
    { permissions: {}, scope: "turn" },
  ]);
});

test("a form of an MCP server is answered in the terminal", () => {
  const params = { threadId: "t", serverName: "db", message: "Which table?" };
  const found = askedBy({ id: 1, method: "mcpServer/elicitation/request", params }, items);
  expect(found?.questions[0]?.dialog).toMatchObject({ choices: [], onlyInTerminal: expect.any(String) });
});
