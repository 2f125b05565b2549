// What Google's csp_evaluator says of policies: an array of policies on stdin, for each an array of
// [type, severity, directive, value or null] on stdout, or the text of the error that it throws.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { CspEvaluator, STRICTCSP_CHECKS } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");
const { Version } = require("csp_evaluator/dist/csp.js");
const { checkHasConfiguredReporting } = require("csp_evaluator/dist/checks/security_checks.js");

// As its own page asks: the policy as written for strictness and reports, as acted upon for the rest.
const results = JSON.parse(fs.readFileSync(0, "utf8")).map((policy) => {
  const evaluator = new CspEvaluator(new CspParser(policy).csp, Version.CSP3);
  try {
    return evaluator
      .evaluate([...STRICTCSP_CHECKS, checkHasConfiguredReporting])
      .map((one) => [one.type, one.severity, one.directive, one.value ?? null]);
  } catch (error) {
    return String(error);
  }
});
fs.writeSync(1, JSON.stringify(results));
