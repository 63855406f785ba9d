/**
 * The units that make a host stand on its own: one takes back what was not confirmed when the host went down, before any
 * service starts, and one loads the firewall before the network is there.
 */

import { join } from 'node:path';
import type { HostLayout } from './layout.js';
import type { Change } from './swap.js';

export const bootUnit = 'tsm-boot.service';
export const firewallUnit = 'tsm-firewall.service';

export function bootUnits(layout: HostLayout): Change[] {
  const file = (name: string, lines: readonly string[]): Change => ({
    path: join(layout.units, name),
    content: { kind: 'file', text: lines.map(line => `${line}\n`).join(''), mode: 0o644 },
  });
  const link = (target: string, name: string): Change => ({
    path: join(layout.units, `${target}.wants`, name),
    content: { kind: 'link', target: `../${name}` },
  });
  return [
    file(bootUnit, [
      '# Made by tsm. Takes back an activation that nobody had confirmed when the host went down.',
      '[Unit]',
      'Description=tsm: take back what was not confirmed',
      'DefaultDependencies=no',
      `RequiresMountsFor=${layout.state} ${layout.programs}`,
      'After=local-fs.target',
      `Before=sysinit.target network-pre.target ${firewallUnit}`,
      `ConditionPathExistsGlob=${layout.state}/*/pending*`,
      '',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${process.execPath} ${layout.program} boot`,
      'TimeoutStartSec=30s',
      '',
      '[Install]',
      'WantedBy=sysinit.target',
    ]),
    link('sysinit.target', bootUnit),
    file(firewallUnit, [
      '# Made by tsm. Loads the rules of all environments; Debian flushes every table when nftables is restarted.',
      '[Unit]',
      'Description=tsm: firewall',
      'DefaultDependencies=no',
      'Wants=network-pre.target',
      `After=${bootUnit} nftables.service`,
      'Before=sysinit.target network-pre.target shutdown.target',
      'Conflicts=shutdown.target',
      'PartOf=nftables.service',
      'ReloadPropagatedFrom=nftables.service',
      `ConditionPathExists=${layout.firewall}`,
      '',
      '[Service]',
      'Type=oneshot',
      'RemainAfterExit=yes',
      `ExecStart=/usr/sbin/nft -f ${layout.firewall}`,
      `ExecReload=/usr/sbin/nft -f ${layout.firewall}`,
      '',
      '[Install]',
      'WantedBy=sysinit.target',
    ]),
    link('sysinit.target', firewallUnit),
  ];
}
