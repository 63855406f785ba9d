/**
 * The main job, end to end, in a temporary folder: a local.toml becomes dev, staging and prod, changes, is refused,
 * and goes back. Every line of output is that of the real command.
 */

import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { $, chalk } from 'zx';

const project = resolve(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'tetra-demo-'));
const home = join(folder, 'tetra');

$.verbose = false;
$.env = {
  ...process.env,
  TETRA_DIR: home,
  XDG_CONFIG_HOME: join(folder, 'config'),
  PATH: `${project}/bin:${process.env.PATH}`,
};
delete $.env.TETRA_ORG;
delete $.env.NODE_EXTRA_CA_CERTS;

const color = process.stdout.isTTY ? 'always' : 'never';
const shorten = (text: string) => text.replaceAll(home, '~/tetra').replaceAll(folder, '~');

function say(text: string) {
  console.log(`\n${chalk.bold(text)}\n`);
}

/** Runs a command, shows it with what it prints, and stops the demo where it does not end as it should. */
async function tsm(words: string, expected = 0) {
  console.log(chalk.cyan(`$ tsm ${shorten(words)}`));
  const args = words.match(/"[^"]*"|\S+/g)?.map(word => word.replaceAll('"', '')) ?? [];
  const ran = await $({ nothrow: true, quiet: true, input: '' })`tsm ${args} --color=${color}`;
  process.stdout.write(shorten(ran.stdout + ran.stderr));
  if (ran.exitCode !== 0) console.log(chalk.dim(`(exit ${ran.exitCode})`));
  if (ran.exitCode !== expected) throw new Error(`expected exit ${expected}`);
  console.log();
}

/** Shows those lines of a file that say something here. */
async function show(path: string, lines: RegExp) {
  console.log(chalk.cyan(`$ grep -E '${lines.source}' ${shorten(path)}`));
  const text = await readFile(path, 'utf8');
  console.log(
    `${text
      .split('\n')
      .filter(line => lines.test(line))
      .join('\n')}\n`,
  );
}

async function edit(path: string, what: string, change: (text: string) => string) {
  console.log(chalk.cyan(`# in local.toml: ${what}`));
  await writeFile(path, change(await readFile(path, 'utf8')));
}

try {
  const started = Date.now();
  const local = join(home, 'org/acme/environments/local.toml');
  const environment = (env: string) => join(home, `org/acme/environments/${env}.toml`);

  say('1. One file. Its comments say what each environment makes of it.');
  await tsm('org init acme');
  await show(local, /^(user|memory_max|allowed_ips|level|schedule) =/);

  say('2. Every environment is generated from it.');
  await tsm('org promote @dev');
  await tsm('org promote @staging');
  await tsm('org promote @prod -m "first release"');
  await show(environment('prod'), /^(user|command|memory_max|allowed_ips|level|schedule) =/);

  say('3. Not only a TOML file: the units and firewall rules that make it true.');
  await tsm('store path-info @prod');
  const prod = join(environment('prod'), '..');
  const bundle = (await $`dirname $(readlink -f ${environment('prod')})`).stdout.trim();
  await show(
    join(bundle, 'systemd/acme-prod-tetra.service'),
    /^(User|ExecStart|MemoryMax|ProtectSystem|Environment=PORT)/,
  );
  await show(join(bundle, 'nftables/rules.nft'), /dport|, #/);

  say('4. A change: look first, then promote.');
  await edit(local, 'base_domain = "acme.example"', text =>
    text.replace('base_domain = ""', 'base_domain = "acme.example"'),
  );
  await tsm('org promote @prod --dry-run');
  await tsm('org promote @prod -m "our own domain"');
  await tsm('org promote @prod');

  say('5. What prod insists on cannot be lost by accident.');
  await edit(
    local,
    '[env.prod.security] allowed_ips = ["0.0.0.0/0"]',
    text => `${text}\n[env.prod.security]\nallowed_ips = ["0.0.0.0/0"]\n`,
  );
  await tsm('org promote @prod', 65);
  await edit(
    local,
    'the same, accepted in the open',
    text =>
      `${text}\n[[env.prod.accept]]\nrule = "internal-only"\nreason = "the shop is public; the load balancer filters"\n`,
  );
  await tsm('org promote @prod -m "open the shop"');

  say('6. History, and the way back.');
  await tsm('org history @prod');
  await tsm('org rollback @prod');
  await tsm('org rollback @prod 1 -m "back to the first release"');
  await tsm('org history @prod');

  say('7. A real organization: five services, overrides, an environment of its own.');
  await tsm('org init orchard');
  await copyFile(join(project, 'docs/examples/orchard/local.toml'), join(home, 'org/orchard/environments/local.toml'));
  await tsm('org env validate --org orchard');
  await tsm('org promote @qa --org orchard');
  await tsm('org promote @prod --org orchard -m "harvest"');
  await show(join(home, 'org/orchard/environments/qa.toml'), /^(name|domain|offset|api|level|pool) =/);

  say('8. And it notices when something is not what it was.');
  await tsm('store verify');
  console.log(chalk.cyan(`# somebody with root changes one character in ${shorten(prod)}/prod.toml`));
  await chmod(join(bundle, 'env.toml'), 0o644);
  await writeFile(join(bundle, 'env.toml'), (await readFile(join(bundle, 'env.toml'), 'utf8')).replace('4096', '4097'));
  await chmod(join(bundle, 'env.toml'), 0o444);
  await tsm('store verify', 2);

  console.log(
    chalk.dim(`${((Date.now() - started) / 1000).toFixed(1)} s. Start your own: bin/tsm org init my-company`),
  );
} finally {
  await $`chmod -R u+w ${folder}`;
  await rm(folder, { recursive: true, force: true });
}
