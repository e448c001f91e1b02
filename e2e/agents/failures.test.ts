import { failingTurn, status } from "./support/failing.ts";

const REFUSALS = [
  status(400, ["request"]),
  status(401, ["login"], /401|api key|log ?in/i),
  status(402, ["credit"]),
  status(403, ["access"], /403|refused|permission/i),
  status(404, ["model"], /model/i),
  status(413, ["size"], /413|too (?:large|long|big)/i),
  status(429, ["busy"], /429|limit/i),
];

for (const refusal of REFUSALS) failingTurn(refusal);
