/** `tsm org confirm @ENV` and `tsm org revert @ENV`: the operator's word on an activation that is not decided yet. */

import { usage } from '../../../lib/errors.js';
import type { Verdict } from '../../../lib/host/activation.js';
import { envName } from '../../../lib/names.js';
import { askAll } from '../../../scripts/fleet.js';
import { type Remote, undecided } from '../../../scripts/remote.js';
import type { HostResult } from '../../../scripts/rollout.js';
import type { Input, Outcome } from '../../cli/command.js';
import { hostProgram, targets } from '../../operator/delivery.js';
import { historyOf } from '../../operator/generations.js';
import { operator } from '../../operator/provenance.js';
import { exitOf, hostsJson, resultLines } from '../../operator/results.js';
import { writeVerdicts } from '../../operator/verdicts.js';
import { currentOrg } from '../../operator/workspace.js';

export const confirm = (input: Input): Promise<Outcome> =>
  decide(input, 'confirm', (remote, org, env, id) => remote.confirm(org, env, id));

export const revert = (input: Input): Promise<Outcome> =>
  decide(input, 'revert', (remote, org, env, id) => remote.revert(org, env, id, operator()));

type Word = (remote: Remote, org: string, env: string, id: string) => Promise<Verdict>;

/** On every host where one is under way; the others are not spoken to. A new connection is the proof. */
async function decide({ args, options, workspace }: Input, verb: string, word: Word): Promise<Outcome> {
  const env = envName(args[0] as string);
  const wanted = args[1];
  if (wanted !== undefined && !/^[0-9a-f]{16}$/.test(wanted))
    throw usage(`an activation has an id of 16 hex digits, not ${JSON.stringify(wanted)}`, `tsm org status @${env}`);
  const org = currentOrg(workspace);
  const { log, head } = await historyOf(org, env);
  const hosts = targets(org, env, options);
  const answers = await askAll(
    hosts,
    hostProgram(),
    async remote => {
      const under = await undecided(remote, org.name, env);
      const id = wanted ?? under?.id;
      return id === undefined
        ? null
        : { generation: under?.generation, verdict: await word(remote, org.name, env, id) };
    },
    true,
  );
  const results: HostResult[] = [];
  for (const answer of answers) {
    const host = answer.host.name;
    if (answer.error) {
      const { code, message, hint } = answer.error;
      const outcome = code === 'unreachable' ? 'unreachable' : 'refused';
      const known = code === 'unreachable' ? code : code === 'permission' ? code : 'refused';
      results.push({ host, outcome, code: known, reason: message, hint, generation: null, bundle: null, held: [] });
    } else if (answer.value) {
      const result = { host, ...answer.value.verdict };
      const { generation } = answer.value;
      const record = generation === undefined ? undefined : log.generation(generation);
      // Where an operator reads along as well, his word is written down too: both are true.
      if (record) await writeVerdicts(org, env, record, [result]);
      results.push(result);
    }
  }
  if (results.length === 0) throw usage(`nothing waits on the hosts of ${env}`, `tsm org status @${env}`);
  const good = verb === 'confirm' ? 'confirmed' : 'reverted';
  return {
    schema: `tsm/${verb}/1`,
    data: { org: org.name, env, generation: head.generation, bundle: head.bundle, hosts: hostsJson(results) },
    text: style => resultLines(results, style),
    exit: results.every(({ outcome }) => outcome === good) ? 0 : Math.max(1, exitOf(results, results.length)),
  };
}
