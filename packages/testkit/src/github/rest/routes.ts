import type { Route } from "../http/router.ts";
import { actionRoutes } from "./actions.ts";
import { checkRoutes } from "./checks.ts";
import { gitRoutes } from "./git-data.ts";
import { hookRoutes } from "./hooks.ts";
import { issueRoutes } from "./issues.ts";
import { labelRoutes } from "./labels.ts";
import { pullRoutes } from "./pulls.ts";
import { relationRoutes } from "./relations.ts";
import { repoRoutes } from "./repos.ts";
import { reviewRoutes } from "./reviews.ts";
import { ruleRoutes } from "./rules.ts";
import { searchRoutes } from "./search.ts";
import { userRoutes } from "./users.ts";

/** Everything that the REST API answers, except `GET /rate_limit`, which the server knows. */
export const ROUTES: readonly Route[] = [
  ...actionRoutes,
  ...checkRoutes,
  ...gitRoutes,
  ...hookRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...pullRoutes,
  ...relationRoutes,
  ...repoRoutes,
  ...reviewRoutes,
  ...ruleRoutes,
  ...searchRoutes,
  ...userRoutes,
];
