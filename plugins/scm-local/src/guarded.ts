/** What decides how code is checked, or what `ao` does: a change of these is never merged without a human. */
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

/** Letter case aside: some file systems do not tell it apart. */
export const isGuarded = (path: string): boolean => GUARDED.some((rule) => rule.test(path.toLowerCase()));
