/**
 * The program on a host: verbs for the operator's side (`activate`, `confirm` ...), for the units that it starts itself
 * (`run`, `deadline` ...) and for the start of the host (`boot`). Requests come on standard input, answers are JSON, one
 * document a line.
 */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { exitCodes, TetraError } from '../../lib/errors.js';
import type { ActivationRequest } from '../../lib/host/activation.js';
import { envNameProblem, orgNameProblem } from '../../lib/names.js';
import { boot, install } from './boot.js';
import { confirm } from './confirm.js';
import { deadline, ended } from './decide.js';
import { follow, launch } from './launch.js';
import { type EnvironmentLayout, HostLayout } from './layout.js';
import { leaseBusy, takeLease } from './lease.js';
import { Refusal } from './refusal.js';
import { revert } from './revert.js';
import { statusOf } from './status.js';
import { queue } from './systemd.js';

/** Raised with what the operator's side and the host say to each other. */
export const protocol = 1;

interface Call {
  readonly layout: HostLayout;
  readonly args: readonly string[];
}

/** The largest modules are loaded when they are run: an activation waits for three starts of this program. */
const verbs: Readonly<Record<string, (call: Call) => Promise<void> | void>> = {
  install: ({ layout }) => install(layout, process.argv[1] as string),
  receive: async ({ layout, args }) => {
    const { org, env } = environmentOf(layout, args);
    if (!takeLease(layout, 10)) throw busy(layout);
    const { receive } = await import('./receive.js');
    print(await receive(layout.store, process.stdin, { org, env, host: args[2] ?? hostname() }));
  },
  status: async ({ layout, args }) => print(await statusOf(layout, args)),
  activate: async ({ layout }) => {
    const request = JSON.parse(readFileSync(0, 'utf8')) as ActivationRequest;
    launch(layout, request);
    await follow(layout, layout.environment(request.org, request.env), request.id, print);
  },
  follow: async ({ layout, args }) => {
    await follow(layout, environmentOf(layout, args), idOf(args), print);
  },
  confirm: async ({ layout, args }) => {
    print(await confirm(layout, environmentOf(layout, args), args[2] || undefined, connectionOf(args[3])));
  },
  revert: async ({ layout, args }) =>
    print(await revert(layout, environmentOf(layout, args), args[2] || undefined, args[3])),
  cancel: ({ layout, args }) => queue('stop', [environmentOf(layout, args).activateUnit]),
  run: async ({ layout, args }) => {
    const { run } = await import('./run.js');
    await run(layout, environmentOf(layout, args), idOf(args));
  },
  ended: ({ layout, args }) => ended(layout, environmentOf(layout, args), idOf(args)),
  deadline: ({ layout, args }) => deadline(layout, environmentOf(layout, args), idOf(args)),
  boot: ({ layout }) => {
    const problems = boot(layout);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};

function busy(layout: HostLayout): TetraError {
  const { reason = '', hint } = leaseBusy(layout);
  return new TetraError('busy', reason, { hint });
}

function environmentOf(layout: HostLayout, [org = '', env = '']: readonly string[]): EnvironmentLayout {
  const problem = orgNameProblem(org) ?? envNameProblem(env);
  if (problem) throw new TetraError('usage', problem);
  return layout.environment(org, env);
}

function idOf([, , id = '']: readonly string[]): string {
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw new TetraError('usage', 'not the id of an activation');
}

/** As sshd(8) writes it; nothing else is passed on. */
function connectionOf(text: string | undefined): string | null {
  return text && /^[0-9a-zA-Z.:%]+ \d+ [0-9a-zA-Z.:%]+ \d+$/.test(text) ? text : null;
}

function print(value: unknown) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Answers one call of the operator's side, of a unit of ours, or of the host's start. Resolves with the exit code. */
export async function answer(argv: readonly string[]): Promise<number> {
  // A client that goes away must not take the host's work along.
  process.stdout.on('error', () => {});
  const root = argv[0]?.startsWith('--root=') ? argv[0].slice('--root='.length) : '';
  const [verb = '', ...args] = root === '' ? argv : argv.slice(1);
  const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  try {
    // Who may call the server's program as root by sudo may not let it write elsewhere.
    if (root !== '' && process.argv[1] === new HostLayout('').program)
      throw new TetraError('usage', 'the program of a server works on that server');
    if (!action) throw new TetraError('usage', `the host has no verb ${JSON.stringify(verb)}; is its tsm older?`);
    await action({ layout: new HostLayout(root), args });
    return 0;
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): number {
  if (error instanceof Refusal) {
    print({ refusal: error.verdict });
    return 1;
  }
  const known = error instanceof TetraError ? error : null;
  const message = known?.message ?? `the host's tsm failed: ${(error as Error).message}`;
  print({ error: { code: known?.code ?? 'internal-error', message, hint: known?.hint, ...known?.facts } });
  if (process.env.TETRA_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  return known ? exitCodes[known.code] : 1;
}
