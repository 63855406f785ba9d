import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { composeRules, contestedPorts, environmentRules, type HostRules } from '../../../lib/host/firewall.js';
import { Settings } from '../../../lib/settings.js';
import { type Asked, asking, rulesOf } from '../../support/firewall.js';
import { minimal, promotion } from '../../support/sources.js';
import '../arbitraries.js';

const texts = (networks: readonly { text: string }[]) => networks.map(network => network.text);

const environment = suite('environmentRules');

environment('reads what a promoted environment asks for', () => {
  const text = `${minimal}[env.prod.security]\nallowed_ssh = ["10.0.0.0/8", "fd00::/8"]\nssh_ports = [2222, 22, 22]\n`;
  const rules = environmentRules(new Settings(promotion(text).document), 'acme');
  assert.equal(
    rules?.ports.map(({ first, last, name }) => [first, last, name]),
    [
      [4444, 4444, 'tetra'],
      [5000, 5099, 'dynamic'],
    ],
  );
  assert.is(rules?.name, 'acme-prod');
  assert.is(rules?.policy, 'drop');
  assert.equal(texts(rules?.sources ?? []), ['10.0.0.0/8']);
  assert.is(rules?.ssh.name, 'acme-prod');
  assert.equal(rules?.ssh.ports, [22, 2222]);
  assert.equal(texts(rules?.ssh.sources ?? []), ['10.0.0.0/8', 'fd00::/8']);
});

environment('is null where the firewall is off', () => {
  const { org, settings } = asking({ firewall: false });
  assert.is(environmentRules(settings, org), null);
});

environment.run();

const compose = suite('composeRules');

const sshOf = ({ ssh }: HostRules) =>
  ssh.map(rule => `${rule.name} ${rule.ports.join()} ${texts(rule.sources).join()}`);

const open: Asked = { env: 'dev', policy: 'accept', allowedSsh: ['0.0.0.0/0', '::/0'] };
const strict: Asked = { env: 'prod', policy: 'drop', allowedSsh: ['10.0.0.0/8'] };

compose('asks for nothing where no environment does', () => {
  const nothing = { policy: 'accept', ssh: [], environments: [] };
  assert.equal(composeRules([]), nothing);
  assert.equal(rulesOf({ firewall: false, policy: 'drop' }), nothing);
});

compose('accepts the rest only where all environments do', () => {
  assert.is(rulesOf(open).policy, 'accept');
  assert.is(rulesOf(open, { ...open, org: 'shop' }).policy, 'accept');
  assert.is(rulesOf(open, strict).policy, 'drop');
});

compose('lets those reach sshd whom an environment names that drops the rest', () => {
  const shop: Asked = { ...strict, org: 'shop', ssh: [2222], allowedSsh: ['192.168.0.0/16'] };
  assert.equal(sshOf(rulesOf(shop, strict)), ['acme-prod 22 10.0.0.0/8', 'shop-prod 2222 192.168.0.0/16']);
});

compose('does not let an environment open sshd that another one closed', () => {
  assert.equal(sshOf(rulesOf(open, strict)), ['acme-prod 22 10.0.0.0/8']);
});

compose('keeps ssh rules where nothing is dropped', () => {
  assert.equal(sshOf(rulesOf(open)), ['acme-dev 22 0.0.0.0/0,::/0']);
});

compose('does not depend on the order of environments', () => {
  const all: Asked[] = [open, strict, { ...open, org: 'a-b' }, { ...strict, org: 'shop' }, { ...strict, env: 'a' }];
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), shuffled => {
      assert.equal(rulesOf(...shuffled), rulesOf(...all));
    }),
  );
});

compose.run();

const contested = suite('contestedPorts');

const web: Asked = { ports: { web: 80 }, dynamic: [5000, 5099], allowed: ['10.0.0.0/8'], policy: 'accept' };
const shop: Asked = { ...web, org: 'shop', allowed: ['192.168.0.0/16'] };

for (const [what, asked, expected] of [
  ['none without environments', [], []],
  ['none of one environment', [web], []],
  ['none where both let in the same networks', [web, { ...shop, allowed: ['10.0.0.0/8'] }], []],
  ['none where the ports lie apart', [web, { ...shop, ports: { web: 81 }, dynamic: [6000, 6099] }], []],
  [
    'a port of both',
    [web, { ...shop, dynamic: [6000, 6099] }],
    ['acme-prod and shop-prod both have port 80 and let in different networks'],
  ],
  [
    'what two ranges share',
    [web, { ...shop, ports: {}, dynamic: [5050, 5199] }],
    ['acme-prod and shop-prod both have ports 5050-5099 and let in different networks'],
  ],
  [
    'a port within a range',
    [web, { ...shop, ports: { api: 5000 }, dynamic: [6000, 6099] }],
    ['acme-prod and shop-prod both have port 5000 and let in different networks'],
  ],
  [
    'a port where sshd listens for another',
    [web, { ...shop, ports: {}, dynamic: [6000, 6099], ssh: [22, 80, 5099] }],
    [
      'acme-prod has port 80, where sshd listens by shop-prod',
      'acme-prod has port 5099, where sshd listens by shop-prod',
    ],
  ],
] as [string, Asked[], string[]][])
  contested(`tells ${what}`, () => {
    assert.equal(contestedPorts(rulesOf(...asked)), expected);
  });

contested.run();
