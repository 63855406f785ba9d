/** A local.toml becomes dev, staging and prod, changes, is refused, and goes back. */

import { copyFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Session } from './session.mjs';

export async function promoteAcme(demo: Session) {
  const local = demo.file('acme', 'local');
  const prod = demo.file('acme', 'prod');

  demo.say('1. One file. Its comments say what each environment makes of it.');
  await demo.tsm('org init acme');
  await demo.show(local, /^(user|memory_max|allowed_ips|level|schedule) =/);

  demo.say('2. Every environment is generated from it.');
  await demo.tsm('org promote @dev');
  await demo.tsm('org promote @staging');
  await demo.tsm('org promote @prod -m "first release"');
  await demo.show(prod, /^(user|command|memory_max|allowed_ips|level|schedule) =/);

  demo.say('3. Not only a TOML file: the units and firewall rules that make it true.');
  await demo.tsm('store path-info @prod');
  const bundle = dirname(realpathSync(prod));
  const unit = join(bundle, 'systemd/acme-prod-tetra.service');
  await demo.show(unit, /^(User|ExecStart|MemoryMax|ProtectSystem|Environment=PORT)/);
  await demo.show(join(bundle, 'nftables/rules.nft'), /dport|, #/);

  demo.say('4. A change: look first, then promote.');
  demo.edit(local, 'base_domain = "acme.example"', text =>
    text.replace('base_domain = ""', 'base_domain = "acme.example"'),
  );
  await demo.tsm('org promote @prod --dry-run');
  await demo.tsm('org promote @prod -m "our own domain"');
  await demo.tsm('org promote @prod');

  demo.say('5. What prod insists on cannot be lost by accident.');
  demo.append(local, '[env.prod.security]', 'allowed_ips = ["0.0.0.0/0"]');
  await demo.tsm('org promote @prod', 65);
  demo.append(
    local,
    '[[env.prod.accept]]',
    'rule = "internal-only"',
    'reason = "the shop is public; the load balancer filters"',
  );
  await demo.tsm('org promote @prod -m "open the shop"');

  demo.say('6. History, and the way back.');
  await demo.tsm('org history @prod');
  await demo.tsm('org rollback @prod');
  await demo.tsm('org rollback @prod 1 -m "back to the first release"');
  await demo.tsm('org history @prod');
}

export async function promoteOrchard(demo: Session) {
  const example = resolve(import.meta.dirname, '../../docs/examples/orchard/local.toml');

  demo.say('9. A real organization: five services, overrides, an environment of its own.');
  await demo.tsm('org init orchard');
  demo.note('local.toml is that of docs/examples/orchard');
  copyFileSync(example, demo.file('orchard', 'local'));
  await demo.tsm('org env validate --org orchard');
  await demo.tsm('org promote @qa --org orchard');
  await demo.tsm('org promote @prod --org orchard -m "harvest"');
  await demo.show(demo.file('orchard', 'qa'), /^(name|domain|offset|api|level|pool) =/);
}
