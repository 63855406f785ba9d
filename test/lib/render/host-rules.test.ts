/** The table of a host in a kernel: what it says, how it is loaded, and what it leaves alone. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decide, guardProblem } from '../../../lib/host/guard.js';
import { renderRules } from '../../../lib/render/nftables.js';
import { type Asked, rulesOf } from '../../support/firewall.js';
import { testIfNft } from '../../support/needs.js';
import { hostAddresses, Wire, wireFor } from '../../support/wire.js';

const render = suite('renderRules');

const rendered = (...asked: Asked[]) => renderRules(rulesOf(...asked));

render('says in its first line who made it, and of what', () => {
  const rules = rendered({ org: 'shop' }, { env: 'dev' });
  assert.match(rules, /^# acme-dev, shop-prod: made by tsm\. /);
});

render('writes one table, each environment as its bundle has it, and then the way in', () => {
  const rules = rendered(
    { env: 'dev', policy: 'accept', ports: { web: 80 }, dynamic: [7000, 7000], allowed: ['0.0.0.0/0', '::/0'] },
    { ssh: [2222, 22], allowedSsh: ['fd00::/8', '10.0.0.0/8'], allowed: ['10.0.0.0/8'] },
  );
  assert.is(
    rules,
    `# acme-dev, acme-prod: made by tsm. Do not edit: the next activation replaces this file.
table inet tetra
delete table inet tetra
table inet tetra {
	set acme-dev-ports {
		type inet_service
		flags interval
		elements = {
			80, # web
			7000, # dynamic
		}
	}

	chain acme-dev {
		meta l4proto { tcp, udp } th dport @acme-dev-ports meta nfproto ipv4 accept
		meta l4proto { tcp, udp } th dport @acme-dev-ports meta nfproto ipv6 accept
		meta l4proto { tcp, udp } th dport @acme-dev-ports drop
	}

	set acme-prod-ports {
		type inet_service
		flags interval
		elements = {
			5000-5099, # dynamic
		}
	}

	chain acme-prod {
		meta l4proto { tcp, udp } th dport @acme-prod-ports ip saddr { 10.0.0.0/8 } accept
		meta l4proto { tcp, udp } th dport @acme-prod-ports drop
	}

	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		tcp flags & (syn | ack) != syn accept
		meta l4proto { icmp, icmpv6 } accept
		ip6 daddr fe80::/10 udp dport 546 accept
		tcp dport { 22, 2222 } ip saddr { 10.0.0.0/8 } accept # acme-prod
		tcp dport { 22, 2222 } ip6 saddr { fd00::/8 } accept # acme-prod
		jump acme-dev
		jump acme-prod
	}
}
`,
  );
});

render('does not depend on the order of environments, ports and networks', () => {
  const prod: Asked = {
    ssh: [22, 2222],
    allowedSsh: ['10.0.0.0/8', 'fd00::/8'],
    allowed: ['10.0.0.0/8', '192.168.0.0/16'],
  };
  const other: Asked = {
    ssh: [2222, 22, 22],
    allowedSsh: ['fd00::/8', '10.0.0.0/8'],
    allowed: ['192.168.0.0/16', '10.0.0.0/8'],
  };
  const dev: Asked = { env: 'dev', dynamic: [6000, 6099] };
  assert.is(rendered(prod, dev), rendered(dev, other));
});

render('only takes the table away where no environment asks for one', () => {
  for (const rules of [rendered(), rendered({ firewall: false })])
    assert.is(rules.replace(/^#.*\n/, ''), 'table inet tetra\ndelete table inet tetra\n');
});

render.run();

const load = suite('nft -f');
const wire = wireFor(load);
const test = testIfNft(load, 'how the kernel takes the rules', 'ip');

const strict = rendered({ allowedSsh: ['10.0.0.0/8'] });
const packet = (source: string, port: number) => ({ protocol: 'tcp' as const, source, port });

async function loads(lab: Wire, rules: string) {
  const { status, stderr } = await lab.load(rules);
  assert.is(status, 0, stderr);
}

test('loads where there is no table, in the place of another, and once more', async () => {
  const lab = await wire();
  const list = () => lab.nft('list', 'table', 'inet', 'tetra');
  await loads(lab, rendered());
  await loads(lab, strict);
  const first = await list();
  await loads(lab, rendered({ org: 'shop' }));
  assert.not.match(await list(), 'acme');
  await loads(lab, strict);
  await loads(lab, strict);
  assert.is(await list(), first);
  await loads(lab, rendered());
  await loads(lab, rendered());
  assert.is(await list(), '');
});

const foreign = `
table inet tetrapod {
	chain acme-prod {
		type filter hook input priority 5; policy accept;
		tcp dport 9 counter drop
	}
}
table ip tetra {
	set acme-prod-ports {
		type inet_service
		flags interval
		elements = { 5000-5099 }
	}
	chain input {
		type filter hook forward priority 0; policy accept;
		tcp dport @acme-prod-ports counter drop
	}
}
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		counter
	}
}
`;

test('leaves all other tables as they are, to the byte', async () => {
  const lab = await Wire.lay();
  try {
    await loads(lab, foreign);
    const list = async () => (await lab.nft('-a', 'list', 'ruleset')).replace(/table inet tetra \{[\s\S]*?\n\}\n/, '');
    const before = await list();
    assert.match(before, 'table inet tetrapod');
    for (const rules of [strict, rendered({ policy: 'accept' }), rendered(), rendered()]) {
      await loads(lab, rules);
      assert.is(await list(), before);
    }
  } finally {
    lab.cut();
  }
});

for (const [what, rules] of [
  ['a word that nft does not know', strict.replace('jump acme-prod', 'jmp acme-prod')],
  ['a chain that is not there', strict.replace('jump acme-prod', 'jump acme-qa')],
  ['a set that is not there', strict.replace('@acme-prod-ports drop', '@acme-qa-ports drop')],
  ['ports that overlap', strict.replace('5000-5099, # dynamic', '5000-5099, 5050-5060,')],
  ['an end that is missing', strict.slice(0, -2)],
] as const)
  test(`loads all or nothing: ${what}`, async () => {
    const lab = await wire();
    await loads(lab, rendered({ org: 'shop', ports: { web: 80 } }));
    const before = await lab.nft('-a', 'list', 'ruleset');
    const { status, stderr } = await lab.load(rules);
    assert.is.not(status, 0);
    assert.is.not(stderr, '');
    assert.is(await lab.nft('-a', 'list', 'ruleset'), before);
  });

test('lets a host talk to itself, whatever it drops', async () => {
  const lab = await wire();
  const rules = rulesOf({ ssh: [] });
  await loads(lab, renderRules(rules));
  await lab.host.ask({ verb: 'listen', port: 22, talks: false });
  for (const address of ['127.0.0.1', '::1', hostAddresses[4], hostAddresses[6]]) {
    const shot = { ...packet(address, 22), target: address };
    assert.is(await lab.host.ask({ verb: 'dial', shot, ms: 1000 }), 'open', address);
    assert.is(guardProblem(rules, `${address} 50000 ${address} 22`), null);
  }
});

test('lets in who may come, and nobody hears from it who may not', async () => {
  const lab = await wire();
  const rules = rulesOf({ ssh: [2200], allowedSsh: ['10.0.0.0/8', 'fd00::/8'] });
  await loads(lab, renderRules(rules));
  await lab.host.ask({ verb: 'listen', port: 2200, talks: false });
  for (const [source, word] of [
    ['10.1.2.3', 'open'],
    ['fd00::1', 'open'],
    ['::ffff:10.1.2.3', 'open'],
    ['11.0.0.1', 'silence'],
    ['fe00::1', 'silence'],
  ] as const) {
    assert.is(await lab.dial(packet(source, 2200), word === 'open' ? 2000 : 200), word, source);
    assert.is(decide(rules, packet(source, 2200)), word === 'open' ? 'accept' : 'drop');
  }
});

test('finds its neighbours, which IPv6 asks for by ICMP', async () => {
  const lab = await wire();
  await loads(lab, strict);
  for (const end of [lab.host, lab.peer]) await end.shell('ip neighbour flush dev wire');
  const verdicts = await lab.verdicts([packet('2001:db8::1', 22), packet('10.1.2.3', 22)]);
  assert.equal(verdicts, ['drop', 'accept']);
});

test('hears the answers of DHCPv6 servers, which come to link-local addresses', async () => {
  const lab = await wire();
  await loads(lab, strict);
  const answer = (port: number) => ({ protocol: 'udp' as const, source: 'fe80::2%wire', port });
  assert.equal(await lab.verdicts([answer(546), answer(547)], 'fe80::1%wire'), ['accept', 'drop']);
  assert.equal(await lab.verdicts([answer(546)], hostAddresses[6]), ['drop']);
});

load.run();
