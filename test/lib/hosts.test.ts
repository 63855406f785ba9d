import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Host, hostsOf, selectHosts } from '../../lib/hosts.js';
import { parseManifest } from '../../lib/manifest.js';
import type { Problem, Table } from '../../lib/types.js';

const parse = (hosts: string) => parseManifest(`[organization]\nname = "acme"\n${hosts}`, 'acme');

function manifest(hosts: string): Table {
  const result = parse(hosts);
  if (result.problems) throw new Error(result.problems.map(problem => problem.message).join('\n'));
  return result.manifest;
}

/** The one problem that there is. */
function problemOf(hosts: string): Problem {
  const [problem, ...more] = parse(hosts).problems ?? [];
  assert.is(more.length, 0, more.map(({ message }) => message).join('\n'));
  if (!problem) throw new Error('there is no problem');
  return problem;
}

/** A host with this address, and further lines. */
const host = (address: string, ...lines: readonly string[]) =>
  ['[hosts.web1]', `address = ${JSON.stringify(address)}`, ...lines].join('\n');

const hosts = suite('hostsOf');

hosts('reads everything that can be said of a host', () => {
  const text = host(
    'web1.example.com',
    'port = 2222',
    'user = "deploy"',
    'env = ["prod", "qa"]',
    'roles = ["web", "db"]',
  );
  assert.equal(hostsOf(manifest(text), 'prod'), [
    {
      name: 'web1',
      address: { kind: 'ssh', destination: 'web1.example.com', port: 2222, user: 'deploy' },
      environments: ['prod', 'qa'],
      roles: ['web', 'db'],
    },
  ]);
});

hosts('leaves out what was not said, so that ssh reads it from its own configuration', () => {
  const [found] = hostsOf(manifest(host('web1')), 'prod');
  assert.equal(found, { name: 'web1', address: { kind: 'ssh', destination: 'web1' }, environments: null, roles: [] });
});

hosts('takes a folder of this machine for a host', () => {
  const [found] = hostsOf(manifest(host('local:/srv/host 1')), 'prod');
  assert.equal(found?.address, { kind: 'local', root: '/srv/host 1' });
});

hosts('are in the order of the file, those of other environments left out', () => {
  const text = ['web2 env="prod"', 'web1', 'lab env="qa"', '"db.1" env=["qa","production"]']
    .map(line => line.split(' '))
    .map(([name, more = '']) => `[hosts.${name}]\naddress = "10.0.0.5"\n${more}`)
    .join('\n');
  const names = (env: string) => hostsOf(manifest(text), env).map(({ name }) => name);
  assert.equal(names('prod'), ['web2', 'web1', 'db.1']);
  assert.equal(names('qa'), ['web1', 'lab', 'db.1']);
  assert.equal(hostsOf(manifest(''), 'prod'), []);
});

for (const address of ['10.0.0.5', '2001:db8::1', 'fe80::1%eth0', 'web1.example.com', 'WEB_1', 'local:/srv/a.b/c'])
  hosts(`may have the address ${address}`, () => {
    assert.is(hostsOf(manifest(host(address)), 'prod').length, 1);
  });

hosts.run();

const problems = suite('parseManifest');

for (const [address, hint] of [
  [''],
  ['-oProxyCommand=reboot'],
  ['web1 web2'],
  ['web1\u0007'],
  ['$(reboot)'],
  ['web1;reboot'],
  ['ssh://web1'],
  ['[::1]'],
  ['2001:db8::/32'],
  ['fe80::1%;reboot'],
  ['::zz'],
  ['web*'],
  ['deploy@web1', 'write: address = "web1", user = "deploy"'],
  ['web1:2222', 'write: address = "web1", port = 2222'],
  ['local:'],
  ['local:srv'],
  ['local:~/srv'],
  ['local:/'],
  ['local:/srv/'],
  ['local:/srv/../etc'],
  ['local:/srv//a'],
  ['local:/srv\n'],
] as const)
  problems(`refuses the address ${JSON.stringify(address)}`, () => {
    const problem = problemOf(host(address));
    assert.match(problem.message, /^hosts\.web1\.address must /);
    assert.is(problem.hint, hint);
  });

for (const user of ['', '-oProxyCommand=reboot', 'a b', 'a\n', '$(id)', ';id', 'a\\'])
  problems(`refuses the user ${JSON.stringify(user)}`, () => {
    assert.match(problemOf(host('web1', `user = ${JSON.stringify(user)}`)).message, /^hosts\.web1\.user must /);
  });

for (const [what, text, message, hint] of [
  ['a port of 0', host('web1', 'port = 0'), 'hosts.web1.port must be >= 1'],
  ['a port beyond the last', host('web1', 'port = 65536'), 'hosts.web1.port must be <= 65535'],
  ['a port as text', host('web1', 'port = "22"'), 'hosts.web1.port must be a whole number, not "22"'],
  ['a port of a local folder', host('local:/srv', 'port = 22'), 'hosts.web1.port makes no sense for a local folder'],
  ['a user of a local folder', host('local:/srv', 'user = "a"'), 'hosts.web1.user makes no sense for a local folder'],
  ['a host without an address', '[hosts.web1]', 'hosts.web1 needs address'],
  ['a host that is no table', '[hosts]\nweb1 = "10.0.0.5"', 'hosts.web1 must be a table, not "10.0.0.5"'],
  ['an unknown key', host('web1', 'adress = ""'), 'unknown key hosts.web1.adress', 'did you mean address?'],
  ['a misspelt table', '[host.web1]', 'unknown key host', 'did you mean hosts?'],
  ['an environment that cannot be', host('web1', 'env = "Prod"'), /^hosts\.web1\.env must be the name of an env/],
  ['environments that are no names', host('web1', 'env = ["prod", 1]'), /^hosts\.web1\.env must be the name of an env/],
  ['no environments', host('web1', 'env = []'), 'hosts.web1.env must name an environment', 'left out, it means all'],
  ['a role that cannot be', host('web1', 'roles = ["Web"]'), /^hosts\.web1\.roles holds "Web"/],
  ['a role that is no list', host('web1', 'roles = "web"'), 'hosts.web1.roles must be a list, not "web"'],
] as const)
  problems(`refuses ${what}`, () => {
    const problem = problemOf(`${text}\n`);
    assert.match(problem.message, message);
    assert.is(problem.hint, hint);
  });

for (const name of ['Web1', '-web', 'a b', 'web_1', '*', 'a'.repeat(64)])
  problems(`refuses a host named ${JSON.stringify(name)}`, () => {
    assert.match(problemOf(`[hosts.${JSON.stringify(name)}]\naddress = "web1"`).message, 'is no name for a host');
  });

problems('tells of all hosts at once', () => {
  const { problems: found } = parse('[hosts.web1]\naddress = "-a"\n[hosts.web2]\naddress = "-b"\n');
  assert.equal(
    found?.map(problem => problem.path),
    [
      ['hosts', 'web1', 'address'],
      ['hosts', 'web2', 'address'],
    ],
  );
});

problems.run();

const select = suite('selectHosts');

const known = ['web1', 'web2', 'db.eu.1'].map(
  (name): Host => ({ name, address: { kind: 'ssh', destination: name }, environments: null, roles: [] }),
);

for (const [pattern, expected] of [
  ['web1', ['web1']],
  ['web*', ['web1', 'web2']],
  ['*', ['web1', 'web2', 'db.eu.1']],
  ['*1', ['web1', 'db.eu.1']],
  ['db*eu*1', ['db.eu.1']],
  ['db.*', ['db.eu.1']],
] as const)
  select(`${pattern} means ${expected.join(', ')}`, () => {
    const selection = selectHosts(known, pattern);
    assert.equal(selection.problem ?? selection.hosts.map(({ name }) => name), expected);
  });

for (const [pattern, hint] of [
  ['web9', 'did you mean web1?'],
  ['w.b1', 'did you mean web1?'],
  ['app', 'the hosts are db.eu.1, web1, web2'],
  ['app*', 'the hosts are db.eu.1, web1, web2'],
  ['', 'the hosts are db.eu.1, web1, web2'],
  ['(', 'the hosts are db.eu.1, web1, web2'],
] as const)
  select(`finds none for ${JSON.stringify(pattern)}, and says what there is`, () => {
    const selection = selectHosts(known, pattern);
    assert.ok(selection.problem);
    assert.is(selection.problem && selection.hint, hint);
  });

select('says how to name a host where there is none', () => {
  const selection = selectHosts([], 'web1');
  assert.match((selection.problem && selection.hint) ?? '', '[hosts.web1]');
});

select.run();
