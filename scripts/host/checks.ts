/** What must hold before anything live is touched. Every problem is told at once. */

import { contestedPorts } from '../../lib/host/firewall.js';
import { guardProblem } from '../../lib/host/guard.js';
import { renderRules } from '../../lib/render/nftables.js';
import { certificateProblems, programProblems } from './checks/files.js';
import { portProblems } from './checks/ports.js';
import { spaceProblems } from './checks/space.js';
import { unitProblems } from './checks/units.js';
import { foreignFiles } from './files.js';
import type { Intent } from './intent.js';
import { Refusal } from './refusal.js';
import type { Work } from './run.js';
import { hasProgram, linesOf, runBeside } from './system.js';

interface Check {
  readonly name: string;
  readonly problems: (work: Work, intent: Intent) => readonly string[] | Promise<readonly string[]>;
}

const checks: readonly Check[] = [
  { name: 'room and folders', problems: spaceProblems },
  { name: 'no foreign file in the way', problems: ({ environment }, { wanted }) => foreignFiles(environment, wanted) },
  { name: 'users, programs, folders, secrets', problems: programProblems },
  { name: 'certificate', problems: certificateProblems },
  { name: 'units', problems: unitProblems },
  { name: 'rules', problems: ruleProblems },
  { name: 'ports', problems: portProblems },
  { name: 'you get in again', problems: guardProblems },
];

/** All at once, since most of the time goes to programs that are asked. @throws Refusal with every problem. */
export async function check(work: Work, intent: Intent) {
  work.events.begin('check', checks.map(({ name }) => name).join(', '));
  const problems = (await Promise.all(checks.map(one => one.problems(work, intent)))).flat();
  const [first] = problems;
  if (first === undefined) return;
  throw new Refusal({
    code: 'refused',
    reason: problems.length === 1 ? first : `${problems.length} checks failed`,
    details: problems.length === 1 ? undefined : problems,
    hint: `mend it, then run the command again; nothing on the host was touched`,
  });
}

/** nft(8) judges the rules without loading them. */
async function ruleProblems({ layout }: Work, { rules, plan }: Intent): Promise<string[]> {
  if (rules.environments.length === 0) return [];
  const contested = contestedPorts(rules);
  if (!hasProgram('nft'))
    return layout.isLive ? ['the firewall is on, and nft is not installed: apt install nftables'] : [];
  if (!layout.isLive || plan.firewall.change === 'none') return contested;
  const ran = await runBeside('nft', ['--check', '-f', '-'], { input: renderRules(rules) });
  return ran.code === 0 ? contested : [...contested, `nft: ${linesOf(ran.stderr)[0]}`];
}

function guardProblems({ layout, request, events }: Work, { rules, plan }: Intent): string[] {
  if (!layout.isLive || request.connection === null || plan.firewall.change !== 'load') return [];
  const problem = guardProblem(rules, request.connection);
  if (problem === null) return [];
  if (request.noGuard === undefined) return [problem];
  events.note(`${problem}; allowed all the same: ${request.noGuard}`);
  return [];
}
