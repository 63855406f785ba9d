/** Every command, as a table. The modules are loaded when they are run. */

import { activationOptions } from '../cli/activation-options.js';
import type { CommandInfo } from '../cli/command.js';

const dryRun = { name: 'dry-run', summary: 'say what would change; write nothing' };
const message = { name: 'message', short: 'm', value: 'TEXT', summary: 'why, for the history' };
const host = { name: 'host', value: 'NAME', summary: 'only this host, or those that fit a pattern such as "web*"' };
const plain = { name: 'plain', summary: 'the file as it is, without remarks' };

export const commands: readonly CommandInfo[] = [
  {
    words: ['org', 'init'],
    args: ['NAME'],
    summary: 'Make a new organization: its folder, with a local.toml to edit',
    options: [{ name: 'at', value: 'PATH', summary: 'put the folder there, into your repository, and link it' }],
    details: 'With --at, a folder that is already that organization, such as a clone, is only linked.',
    examples: ['tsm org init acme', 'tsm org init acme --at ./infra/acme'],
    load: () => import('./org/init.js'),
  },
  {
    words: ['org', 'list'],
    args: [],
    summary: 'List the organizations',
    options: [],
    examples: [],
    load: () => import('./org/list.js'),
  },
  {
    words: ['org', 'use'],
    args: ['NAME'],
    summary: 'Choose the organization that later commands mean',
    options: [],
    details: '--org and TETRA_ORG are stronger.',
    examples: ['tsm org use acme'],
    load: () => import('./org/use.js'),
  },
  {
    words: ['org', 'env', 'list'],
    args: [],
    summary: 'List the environments, with the generation each is at',
    options: [],
    examples: [],
    load: () => import('./env/list.js'),
  },
  {
    words: ['org', 'env', 'edit'],
    args: ['[local]'],
    summary: 'Open local.toml in your editor, and check it afterwards',
    options: [],
    details: 'VISUAL, else EDITOR, else vi. Generated environments are not edited: set what differs in [env.NAME].',
    examples: ['tsm org env edit'],
    load: () => import('./env/edit.js'),
  },
  {
    words: ['org', 'env', 'show'],
    args: ['ENV'],
    summary: 'Print the generated file of an environment, with what differs from local.toml',
    options: [plain],
    examples: ['tsm org env show prod', 'tsm org env show local'],
    load: () => import('./env/show.js'),
  },
  {
    words: ['org', 'env', 'validate'],
    args: ['[ENV]'],
    summary: 'Check local.toml, and what the environments make of it',
    options: [],
    details: 'Without ENV: every environment. Nothing is written.',
    examples: ['tsm org env validate', 'tsm org env validate prod'],
    load: () => import('./env/validate.js'),
  },
  {
    words: ['org', 'promote'],
    args: ['@ENV'],
    summary: 'Generate an environment from local.toml, as a new generation',
    options: [
      message,
      dryRun,
      { name: 'from', value: '@ENV2[:N]', summary: 'take the very source that another generation was made of' },
      { name: 'check', summary: 'build a second time, from shuffled keys, and compare' },
      { name: 'discard', summary: 'where the environment was edited by hand: set that file aside, and go on' },
    ],
    details:
      'The same local.toml always gives the same bundle; where nothing changed there is no new generation.\nNo server is touched.',
    examples: [
      'tsm org promote @dev',
      'tsm org promote @prod -m "more memory for the API"',
      'tsm org promote @prod --dry-run',
    ],
    load: () => import('./org/promote.js'),
  },
  {
    words: ['org', 'diff'],
    args: ['@ENV', '[N]', '[M]'],
    summary: 'Show what a promote would change, or what changed between generations',
    options: [
      { name: 'local', summary: 'what the environment makes of local.toml, setting by setting' },
      { name: 'exit-code', summary: 'exit 2 where there is a difference' },
    ],
    details:
      'Without numbers: local.toml against the current generation; where nothing is pending, what the current one\nchanged. With N: from N to the current generation. With N M: from N to M.',
    examples: [
      'tsm org diff @prod',
      'tsm org diff @prod 3 5',
      'tsm org diff @prod --exit-code || tsm org promote @prod',
    ],
    load: () => import('./org/diff.js'),
  },
  {
    words: ['org', 'render'],
    args: ['@ENV'],
    summary: 'Write the files of the bundle into a folder, for a look or a review',
    options: [
      { name: 'out', short: 'o', value: 'DIR', required: true, summary: 'the folder: a new one, or an empty one' },
    ],
    examples: ['tsm org render @prod --out /tmp/prod'],
    load: () => import('./org/render.js'),
  },
  {
    words: ['org', 'history'],
    args: ['@ENV'],
    summary: 'Show the generations of an environment, newest first',
    options: [
      { name: 'limit', short: 'n', value: 'N', summary: 'only the newest N; 0: all. Default: 20, with --json all' },
    ],
    examples: ['tsm org history @prod', 'tsm org history @prod --json | jq .current'],
    load: () => import('./org/history.js'),
  },
  {
    words: ['org', 'rollback'],
    args: ['@ENV', '[N]'],
    summary: 'Go back to generation N, or to the last one that was confirmed',
    options: [
      message,
      dryRun,
      { name: 'activate', summary: 'and make it live on its hosts: ship what is missing there, then activate' },
      { name: 'discard', summary: 'where the environment was edited by hand: set that file aside, and go on' },
      ...activationOptions,
    ],
    details:
      'Without N: the newest older generation that a host confirmed, else what was wanted before. Needs neither local.toml\nnor a network: the older bundle is still in the store. The rollback is a generation of its own. Repeated without N it goes further back each time.',
    examples: ['tsm org rollback @prod', 'tsm org rollback @prod 7'],
    load: () => import('./org/rollback.js'),
  },
  {
    words: ['org', 'ship'],
    args: ['@ENV'],
    summary: 'Send the bundle that is wanted to its hosts, without activating it',
    options: [host],
    details:
      'Only what is missing is sent, and it is verified before it is visible. The first time, tsm itself is installed\nthere, where you log in as root.',
    examples: ['tsm org ship @prod', 'tsm org ship @prod --host web1'],
    load: async () => ({ run: (await import('./org/deliver.js')).ship }),
  },
  {
    words: ['org', 'activate'],
    args: ['@ENV'],
    summary: 'Make the bundle live on its hosts; what fails takes itself back',
    options: [
      { name: 'dry-run', summary: 'print the very plan, with its digest; touch nothing' },
      { name: 'plan', value: 'DIGEST', summary: 'only if the plan still is the one that was reviewed' },
      ...activationOptions,
    ],
    details:
      'One host after the other; the first failure stops the rest. A host checks everything before it touches anything, and\ngoes back by itself when a service is sick or nobody gets in any more: also when your connection is cut, the\nactivation is killed, or the host is restarted. Exit 3: it went back. Exit 4: some hosts are not there.',
    examples: [
      'tsm org activate @prod --dry-run',
      'tsm org activate @prod --yes',
      'tsm org activate @prod --host "web*" --confirm manual',
    ],
    load: async () => ({ run: (await import('./org/deliver.js')).activate }),
  },
  {
    words: ['org', 'deploy'],
    args: ['@ENV'],
    summary: 'Promote, ship and activate in one go',
    options: [
      message,
      { name: 'dry-run', summary: 'say what a promote would change; touch nothing' },
      ...activationOptions,
    ],
    details:
      'Where nothing changed since the last promote there is no new generation, and hosts that are there already are left\nalone. What happens on a host, and how it goes back by itself: tsm org activate --help. Exit 3: it went back. Exit 4:\nsome hosts are not there.',
    examples: ['tsm org deploy @staging -m "new search"', 'tsm org deploy @prod --yes'],
    load: async () => ({ run: (await import('./org/deliver.js')).deploy }),
  },
  {
    words: ['org', 'confirm'],
    args: ['@ENV', '[ID]'],
    summary: 'Prove to waiting hosts that you still get in: the activation stands',
    options: [host],
    examples: ['tsm org confirm @prod'],
    load: async () => ({ run: (await import('./org/decide.js')).confirm }),
  },
  {
    words: ['org', 'revert'],
    args: ['@ENV', '[ID]'],
    summary: 'Take back an activation that is not confirmed yet',
    options: [host],
    details: 'For one that is confirmed: tsm org rollback @ENV --activate.',
    examples: ['tsm org revert @prod --host web1'],
    load: async () => ({ run: (await import('./org/decide.js')).revert }),
  },
  {
    words: ['org', 'status'],
    args: ['[@ENV]'],
    summary: 'Show what is wanted, and what each host is',
    options: [host],
    examples: ['tsm org status @prod', 'tsm org status --json | jq .hosts'],
    load: () => import('./org/status.js'),
  },
  {
    words: ['host', 'list'],
    args: [],
    summary: 'List the hosts that the manifest names',
    options: [],
    examples: [],
    load: async () => ({ run: (await import('./host/hosts.js')).list }),
  },
  {
    words: ['host', 'install'],
    args: [],
    summary: 'Put tsm on hosts: a program, and two units for their start',
    options: [host],
    details: 'Needs root there, or sudo without a password.',
    examples: ['tsm host install --host web1'],
    load: async () => ({ run: (await import('./host/hosts.js')).install }),
  },
  {
    words: ['host', 'upgrade'],
    args: [],
    summary: 'Replace the tsm on hosts by this one',
    options: [host],
    examples: ['tsm host upgrade'],
    load: async () => ({ run: (await import('./host/hosts.js')).upgrade }),
  },
  {
    words: ['store', 'list'],
    args: [],
    summary: 'List the bundles in the store',
    options: [],
    examples: [],
    load: () => import('./store/list.js'),
  },
  {
    words: ['store', 'path-info'],
    args: ['NAME'],
    summary: 'Tell what a bundle holds, what made it and which generations use it',
    options: [],
    details: 'NAME is a store name, the beginning of one, or @ENV.',
    examples: ['tsm store path-info @prod', 'tsm store path-info 3f2a'],
    load: () => import('./store/path-info.js'),
  },
  {
    words: ['store', 'verify'],
    args: [],
    summary: 'Check every bundle, derivation, log and pointer against what was written',
    options: [],
    examples: ['tsm store verify'],
    load: () => import('./store/verify.js'),
  },
];
