import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const problemsOf = (config: Record<string, unknown>): string => {
  try {
    parseOptions(config);
    return "";
  } catch (error) {
    return String(error);
  }
};

test.each([
  [["--dangerously-bypass-approvals-and-sandbox"], "--dangerously-bypass-approvals-and-sandbox"],
  [["--yolo"], "--yolo"],
  [["--full-auto"], "--full-auto"],
  [["-a", "never"], "-a"],
  [["-anever"], "-anever"],
  [["--ask-for-approval=never"], "--ask-for-approval=never"],
  [["-s", "danger-full-access"], "-s"],
  [["--sandbox", "read-only"], "--sandbox"],
  [["-c", 'approval_policy="never"'], "approval_policy"],
  [["-csandbox_mode=read-only"], "sandbox_mode"],
  [["--config=approvals_reviewer = x"], "approvals_reviewer"],
])("arguments that would set another mode than the one shown are refused: %j", (args, named) => {
  expect(problemsOf({ args })).toContain(`args: ${named} is what \`permissions\` says`);
});

test("all problems are reported at once, with what to set instead", () => {
  const said = problemsOf({ modell: "x", args: ["--yolo", "-a", "never", "-C", "/x"] });
  for (const part of ["unknown `modell`", "--yolo", "-a is", "`skip`", "-C is set by ao"]) expect(said).toContain(part);
});

test("other arguments are the user's", () => {
  const args = [
    ...["--search", "--add-dir", "/a", "-c", "model_reasoning_effort=high", "--enable", "-a"],
    ...["-c", "sandbox_workspace_write.network_access=true", "-m", "-s"],
  ];
  expect(parseOptions({ args }).args).toEqual(args);
});
