/** Event streams of activations, as hosts and the operator's side tell them, for tests and for `play.ts`. */

import type { HostEvent, HostPlan, StepName, TimedEvent, Verdict } from '../../../lib/host/activation.js';

export interface Stream {
  readonly hosts: readonly string[];
  readonly events: readonly TimedEvent[];
}

const digest = 'sha256:3f2a91c04be75d6688f1c0de9a417b25';

const plan: HostPlan = {
  org: 'acme',
  env: 'prod',
  from: '5b1f0c7e-acme-prod',
  to: '91c4d2aa-acme-prod',
  units: [
    { unit: 'acme-prod-api.service', verb: 'restart', because: ['Service.MemoryMax', 'Service.Environment'] },
    { unit: 'acme-prod-mailer.service', verb: 'start', because: ['new'] },
    { unit: 'acme-prod-legacy.service', verb: 'stop', because: ['removed'] },
    { unit: 'acme-prod-db.service', verb: 'stale', because: ['Service.LimitNOFILE'] },
  ],
  files: [
    { path: '/etc/systemd/system/acme-prod-api.service', change: 'changed', from: digest, to: digest },
    { path: '/etc/systemd/system/acme-prod-db.service', change: 'changed', from: digest, to: digest },
    { path: '/etc/systemd/system/acme-prod-mailer.service', change: 'added', from: null, to: digest },
    { path: '/etc/systemd/system/acme-prod-legacy.service', change: 'removed', from: digest, to: null },
  ],
  firewall: { change: 'load', closes: ['tcp 8080 (python3)'] },
};

/** Times in ms, as the one who tells them counts: the host's clock begins anew behind `ship`. */
type Told = readonly [at: number, event: HostEvent];

const step = (at: number, name: StepName, text: string): Told => [at, { event: 'step', step: name, text }];
const note = (at: number, name: StepName, text: string): Told => [at, { event: 'note', step: name, text }];
const planned = (at: number): Told => [at, { event: 'plan', plan, digest }];
const awaiting = (at: number, confirm: 'auto' | 'manual'): Told => [
  at,
  { event: 'awaiting', id: 'a0b1c2d3e4f50617', seconds: 60, confirm },
];
const verdict = (at: number, what: Partial<Verdict> & Pick<Verdict, 'outcome'>): Told => [
  at,
  { event: 'verdict', verdict: { generation: 8, bundle: plan.to, held: [], ...what } },
];

const beginning = (host: string): Told[] => [
  step(0, 'connect', `deploy@${host}.acme.com`),
  step(210, 'ship', '9 files, 14 KB'),
  step(0, 'lease', 'nobody else is at work'),
  step(20, 'verify', '9 files as the bundle lists them'),
  step(80, 'plan', 'generation 7 -> 8'),
  planned(150),
  step(160, 'check', 'secrets, users, programs, units, rules, ports'),
];

const converging: Told[] = [
  note(1300, 'check', '12 checks passed'),
  step(1310, 'stage', 'both generations on disk'),
  step(1400, 'boundary', 'takes itself back from here on'),
  step(1450, 'stop', 'acme-prod-legacy'),
  step(1900, 'switch', '91c4d2aa'),
  step(1920, 'reload', 'systemd'),
  step(2200, 'firewall', '14 rules'),
  step(2300, 'start', 'acme-prod-mailer, acme-prod-api'),
  step(3100, 'watch', '3 services'),
];

const confirming: Told[] = [
  step(13100, 'confirm', 'a fresh connection has to get in'),
  awaiting(13110, 'auto'),
  verdict(13600, { outcome: 'confirmed' }),
];

const reverting: Told[] = [
  step(6400, 'revert', 'to generation 7'),
  verdict(7900, {
    outcome: 'reverted',
    generation: 7,
    reason: 'acme-prod-api restarted 3 times within 3 s',
    details: [
      'Error: listen EADDRINUSE: address already in use :::8080',
      '\tat Server.setupListenHandle (node:net:1817:16)',
      'acme-prod-api.service: Main process exited, code=exited, status=1/FAILURE',
    ],
    hint: 'on web1: journalctl -u acme-prod-api',
  }),
];

function stream(...hosts: readonly (readonly [host: string, told: readonly Told[]])[]): Stream {
  return {
    hosts: hosts.map(([host]) => host),
    events: hosts.flatMap(([host, told]) => told.map(([at, event]) => ({ ...event, host, at }))),
  };
}

export const streams = {
  good: stream(['web1', [...beginning('web1'), ...converging, ...confirming]]),
  manual: stream([
    'web1',
    [
      ...beginning('web1'),
      ...converging,
      step(13100, 'confirm', 'a person has to say yes'),
      awaiting(13110, 'manual'),
      verdict(24000, { outcome: 'confirmed', held: ['acme-prod-db.service'] }),
    ],
  ]),
  reverted: stream(['web1', [...beginning('web1'), ...converging, ...reverting]]),
  refused: stream([
    'web1',
    [
      ...beginning('web1'),
      verdict(900, {
        outcome: 'refused',
        code: 'refused',
        generation: 7,
        reason: '3 of 12 checks failed',
        details: [
          'secrets: /etc/tetra/acme-prod/api.env lacks STRIPE_KEY',
          'programs: /srv/acme/server.js is not there',
          'ports: tcp 8080 is taken by python3 (pid 4711)',
        ],
        hint: 'tsm org secrets push @prod',
      }),
    ],
  ]),
  unchanged: stream([
    'web1',
    [
      step(0, 'connect', 'deploy@web1.acme.com'),
      step(190, 'ship', 'there already'),
      step(0, 'lease', 'nobody else is at work'),
      step(10, 'verify', '9 files as the bundle lists them'),
      step(60, 'plan', 'generation 8 -> 8'),
      verdict(90, { outcome: 'unchanged' }),
    ],
  ]),
  attached: stream([
    'web1',
    [
      ...beginning('web1'),
      ...converging,
      note(5200, 'connect', 'connection lost; the host goes on by itself'),
      note(9800, 'connect', 'attached again'),
      ...confirming,
    ],
  ]),
  two: stream(
    ['web1', [...beginning('web1'), ...converging, ...confirming]],
    ['db-primary', [...beginning('db-primary'), ...converging, ...reverting]],
  ),
  planned: stream([
    'web1',
    [
      ...beginning('web1'),
      note(1300, 'check', '12 checks passed'),
      verdict(1310, {
        outcome: 'planned',
        generation: 7,
        hint: 'tsm org activate @prod --plan sha256:3f2a91c04be75d6688f1c0de9a417b25',
      }),
    ],
  ]),
  hostile: stream([
    'web1\x1b[2J',
    [
      step(0, 'connect', '\x1b]0;title\x07deploy'),
      note(10, 'connect', 'over\rwritten \u202eright to left'),
      verdict(20, {
        outcome: 'unreachable',
        generation: null,
        reason: 'line 1\nline 2',
        hint: 'ssh \x9b31m',
        details: ['\x1b[1A'],
      }),
    ],
  ]),
} satisfies Record<string, Stream>;
