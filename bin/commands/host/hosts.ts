/** `tsm host list | install | upgrade`: the machines that the manifest names, and the tsm on them. */

import { type ErrorCode, exitCodes, usage } from '../../../lib/errors.js';
import { allHosts, type Host, selectHosts } from '../../../lib/hosts.js';
import { askAll } from '../../../scripts/fleet.js';
import type { Remote } from '../../../scripts/remote.js';
import type { Input, Options, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { hostProgram } from '../../operator/delivery.js';
import { readManifest } from '../../operator/source.js';
import { currentOrg } from '../../operator/workspace.js';

export function list({ workspace }: Input): Outcome {
  const org = currentOrg(workspace);
  const hosts = allHosts(readManifest(org));
  return {
    schema: 'tsm/host-list/1',
    data: {
      org: org.name,
      hosts: hosts.map(host => ({ ...host, address: { ...host.address } })),
    },
    text: style =>
      hosts.length === 0
        ? `no hosts yet; in ${org.manifest}: [hosts.web1] address = "web1.example.com"\n`
        : table(
            hosts.map(host => [
              style.bold(host.name),
              addressText(host),
              host.environments === null ? 'every environment' : host.environments.map(env => `@${env}`).join(' '),
              style.dim(host.roles.join(' ')),
            ]),
          ),
  };
}

export const install = (input: Input): Promise<Outcome> => put(input, 'install');
export const upgrade = (input: Input): Promise<Outcome> => put(input, 'upgrade');

async function put({ options, workspace }: Input, verb: 'install' | 'upgrade'): Promise<Outcome> {
  const org = currentOrg(workspace);
  const program = hostProgram();
  const hosts = selected(allHosts(readManifest(org)), options);
  const answers = await askAll(hosts, program, remote => putOn(remote, program.digest));
  const rows = answers.map(answer => ({
    host: answer.host.name,
    outcome: answer.error ? answer.error.code : answer.value,
    reason: answer.error?.message,
    hint: answer.error?.hint,
  }));
  return {
    schema: `tsm/host-${verb}/1`,
    data: { org: org.name, hosts: rows },
    text: style =>
      rows
        .map(({ host, outcome, reason, hint }) => {
          const why = reason ? `: ${reason}\n${hint ? `  ${style.cyan('->')} ${hint}` : ''}` : '';
          return `${style.bold(host)}  ${reason ? style.red(outcome) : style.green(outcome)}${why}\n`;
        })
        .join(''),
    exit: exitOfAll(answers.map(answer => answer.error?.code)),
  };
}

/** `installed`, `upgraded` or `unchanged`. */
async function putOn(remote: Remote, digest: string): Promise<string> {
  const before = await remote.version();
  if (before === digest) return 'unchanged';
  await remote.install();
  return before === null ? 'installed' : 'upgraded';
}

function selected(hosts: readonly Host[], options: Options): readonly Host[] {
  const pattern = options.values.get('host') ?? '*';
  const selection = selectHosts(hosts, pattern);
  if (selection.problem !== undefined) throw usage(selection.problem, selection.hint ?? 'tsm host list');
  return selection.hosts;
}

function addressText({ address }: Host): string {
  if (address.kind === 'local') return `local:${address.root}`;
  return `${address.user ? `${address.user}@` : ''}${address.destination}${address.port ? `:${address.port}` : ''}`;
}

/** The code of the one host, or that some are not there. */
function exitOfAll(errors: readonly (ErrorCode | undefined)[]): number {
  if (errors.every(error => error === undefined)) return 0;
  const [only] = errors;
  return errors.length === 1 && only ? exitCodes[only] : exitCodes['hosts-behind'];
}
