/** Files that decide how code is checked, or what `ao` does. A change to them is never merged without the user. */
const GUARDED = [
  /^\.github\/(workflows|actions)\//,
  /^\.gitlab-ci\.ya?ml$/,
  /^\.gitlab\/ci\//,
  /^\.circleci\//,
  /^\.buildkite\//,
  /^\.woodpecker(\/|\.ya?ml$)/,
  /^\.drone\.ya?ml$/,
  /^\.travis\.ya?ml$/,
  /^azure-pipelines[^/]*\.ya?ml$/,
  /^bitbucket-pipelines\.ya?ml$/,
  /^jenkinsfile$/,
  /^\.ci\//,
  /(^|\/)agent-orchestrator[^/]*\.ya?ml$/,
  /(^|\/)\.ao\//,
];

/** Ignores case, since some file systems do. */
export const isGuarded = (path: string): boolean => GUARDED.some((rule) => rule.test(path.toLowerCase()));
