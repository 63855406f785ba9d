/** What no single key can tell: whether the settings of an environment make sense together. */

import { type Resolved, tableOf } from '../layers.js';
import { sectionProblems } from '../schema/validate.js';
import { dotted } from '../text.js';
import type { Problem } from '../types.js';
import { checkFolders, checkSystem } from './deployment.js';
import { checkHealth } from './health.js';
import { checkDomain, checkPorts } from './network.js';
import { checkSecrets, checkServices } from './services.js';
import { Subject } from './subject.js';
import { checkVariables } from './variables.js';

const checks = [
  checkSystem,
  checkFolders,
  checkDomain,
  checkPorts,
  checkServices,
  checkHealth,
  checkSecrets,
  checkVariables,
];

/** Every problem of a resolved environment. */
export function crossProblems(resolved: Resolved, org: string, env: string): readonly Problem[] {
  const subject = new Subject(resolved, org, env);
  for (const check of checks) check(subject);
  if (subject.problems.length === 0) checkValues(subject);
  return subject.problems;
}

/** What was fine in local.toml can have grown too long where it was made from other settings. */
function checkValues(subject: Subject) {
  const made = [...subject.leaves.values()].filter(leaf => leaf.dependsOn.length > 0);
  for (const { message, path } of sectionProblems(tableOf(made)))
    subject.add(dotted((path ?? []).filter(part => typeof part === 'string')), message);
}
