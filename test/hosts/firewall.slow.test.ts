/** The rules of a server: ours in one table, everybody else's left alone, and nobody cut off. */

import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { until } from './support/commands.js';
import type { Host } from './support/host.js';
import { answers } from './support/programs.js';
import { type Site, siteOf } from './support/site.js';

const connections = suite('connections');
const survives = testIfHosts(connections, 'connections through the first load of rules');
const fresh = siteOf(connections, 'web1');

survives('that began before the first rules go on, whoever talks first, and no new one begins', async () => {
  const one = await fresh();
  one.change(text => text.replace('[env.staging.security]', '$&\ndefault_input = "drop"'));
  await one.host.sh('systemd-run --quiet node /opt/tetra/lines.js');
  await until(() => connects(one.host, 4500), 'the lines are open', 5);
  const [told, asked] = [await lineTo(one.host, 4500), await lineTo(one.host, 4501)];
  await one.deployed('staging');
  const heard = told.bytesRead;
  await until(() => told.bytesRead > heard + 10, 'the host goes on talking', 5);
  asked.write('still there?');
  await until(() => asked.bytesRead === 'still there?'.length, 'the host answers', 5);
  assert.not.ok(await connects(one.host, 4500));
  for (const line of [told, asked]) line.destroy();
});

survives('to ports that no rule names are dropped from outside only, and ssh is not', async () => {
  const one = await fresh();
  assert.not.ok(await connects(one.host, 80));
  assert.match(await one.host.sh('curl -sS http://127.0.0.1/'), 'nginx');
  assert.ok(await connects(one.host, 22));
  assert.ok(await connects(one.host, 3000));
});

survives('are judged by the rules before sshd takes the first one after a reboot', async () => {
  const one = await fresh();
  const rules = await one.host.rules();
  await one.host.reboot();
  assert.is(await one.host.rules(), rules);
  const at = async (unit: string, property: string) =>
    Number(await one.host.sh(`systemctl show --value --property=${property} ${unit}`));
  const loaded = await at('tsm-firewall.service', 'ExecMainExitTimestampMonotonic');
  assert.ok(loaded > 0 && loaded < (await at('ssh.service', 'ExecMainStartTimestampMonotonic')));
});

connections.run();

const firewall = suite('firewall');
const promise = testIfHosts(firewall, 'firewalls of servers');
const site = siteOf(firewall, 'web1');

const foreign = `
table inet other {
	set friends {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
	chain input {
		type filter hook input priority filter; policy accept;
		ip saddr @friends counter accept
	}
}
table ip nat {
	chain out {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "none0" masquerade
	}
}
`;

promise('leaves the tables of others as they are, through activation and revert', async () => {
  const one = await site();
  await one.host.put('/etc/nftables.conf', `#!/usr/sbin/nft -f\nflush ruleset\n${foreign}`);
  await one.host.sh('systemctl start nftables.service');
  const tables = () => one.host.sh('nft list table inet other; nft list table ip nat');
  const before = await tables();
  assert.is((await one.attempt(sick)).code, 3);
  assert.not.match(await one.host.rules(), 'inet tetra');
  await one.deployed('staging');
  assert.match(await one.host.rules(), 'inet tetra');
  assert.is((await one.attempt(sick)).code, 3);
  assert.is(await tables(), before);
});

for (const verb of ['restart', 'reload'])
  promise(`is back after nftables.service is told to ${verb}, which flushes every table`, async () => {
    const one = await site();
    const rules = await one.host.rules();
    await one.host.sh(`systemctl ${verb} nftables.service`);
    await until(async () => (await one.host.rules()) === rules, 'the same rules', 5);
  });

promise('is loaded again by the next activation where somebody flushed it', async () => {
  const one = await site();
  const rules = await one.host.sh('nft -s list table inet tetra');
  await one.host.sh('nft delete table inet tetra');
  const { hosts } = await one.deployed('staging');
  assert.is(hosts[0]?.outcome, 'confirmed');
  assert.is(await one.host.sh('nft -s list table inet tetra'), rules);
});

promise('is refused where it would lock the operator out, with what to change', async () => {
  const one = await site();
  const before = await one.traces();
  const { code, hosts } = await one.attempt(text =>
    text.replace('[env.staging.security]', '$&\ndefault_input = "drop"\nallowed_ssh = ["192.0.2.0/24"]'),
  );
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 4, outcome: 'refused' });
  assert.match(hosts[0]?.reason ?? '', /would not let 10\.213\.\d+\.1 connect to port 22 again/);
  assert.match(hosts[0]?.reason ?? '', /add 10\.213\.\d+\.1 to security\.allowed_ssh of acme-staging/);
  assert.equal(await one.traces(), before);
});

promise('lets only those in whom the environment allows', async () => {
  const one = await site();
  await until(() => connects(one.host, 3000), 'the service listens', 5);
  await allow(one, '192.168.0.0/16');
  assert.not.ok(await connects(one.host, 3000));
  await allow(one, '10.0.0.0/8');
  assert.ok(await connects(one.host, 3000));
});

promise('is one table for two environments, and both keep working', async () => {
  const one = await site();
  await one.deployed('dev');
  await until(async () => (await answers(one.host, 3100)) !== null, 'dev answers', 5);
  assert.ok(await answers(one.host, 3000));
  const tables = await one.host.sh('nft list tables');
  assert.is(tables, 'table inet other\ntable ip nat\ntable inet tetra');
});

promise('of one environment goes forward without that of the other', async () => {
  const one = await site();
  const chainOf = (env: string) =>
    one.host.sh(`nft -s list chain inet tetra acme-${env}; nft -s list set inet tetra acme-${env}-ports`);
  const [staging, dev] = [await chainOf('staging'), await chainOf('dev')];
  const pid = await one.host.pids('acme-dev-web.service');
  await allow(one, '10.0.0.0/9');
  await allow(one, '10.192.0.0/10');
  assert.is.not(await chainOf('staging'), staging);
  assert.is(await chainOf('dev'), dev);
  assert.equal(await one.host.pids('acme-dev-web.service'), pid);
  assert.ok(await answers(one.host, 3100));
});

firewall.run();

const sick = (text: string) =>
  text
    .replace('/opt/tetra/worker', '/opt/tetra/broken')
    .replace('[env.staging.security]', '$&\nallowed_ips = ["192.168.0.0/16"]');

/** Who may reach the ports of staging from now on. */
async function allow(one: Site, network: string) {
  const setting = `allowed_ips = ["${network}"]\n`;
  one.change(text => text.replace(/(\[env\.staging\.security\]\n)(allowed_ips.*\n)?/, `$1${setting}`));
  await one.deployed('staging');
}

/** A connection that stays open. */
function lineTo(host: Host, port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ host: host.address, port, timeout: 500 });
    socket.on('connect', () => {
      socket.setTimeout(0).resume();
      done(socket);
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', fail);
  });
}

async function connects(host: Host, port: number): Promise<boolean> {
  try {
    (await lineTo(host, port)).destroy();
    return true;
  } catch {
    return false;
  }
}
