/** What staging and prod share: a dedicated account, TLS, the internal network only, backups. */

import { isPrivate } from '../lib/network.js';
import { derive, must, type Profile, set } from '../lib/profile.js';
import { server } from './server.js';

const certificate = (file: string) =>
  derive(`security.${file === 'fullchain' ? 'ssl_cert' : 'ssl_key'}`, 'where ACME clients put it', ({ get }) => {
    const domain = get('deployment.domain');
    return domain === 'localhost' ? undefined : `/etc/letsencrypt/live/${domain}/${file}.pem`;
  });

export const protectedServer: Profile = {
  name: 'protected',
  summary: 'What staging and prod share',
  extends: server,
  rules: [
    set('deployment.tetra_src', '/opt/tetra', 'where add-on software lives (hier(7))'),
    set('deployment.tetra_dir', '/var/lib/tetra', 'where variable state lives (hier(7))'),
    set('deployment.user', 'tetra', 'an account of its own, that owns nothing else'),
    set('deployment.group', 'tetra', 'an account of its own, that owns nothing else'),

    set('security.allowed_ips', ['10.0.0.0/8'], 'the internal network only'),
    set('security.ssl_enabled', true, 'nothing travels in the clear'),
    set('security.tls', 'nginx', 'nginx on the host terminates TLS'),
    certificate('fullchain'),
    certificate('privkey'),
    set('security.hardening', 'strict', 'a service that is broken into stays where it is'),

    set('monitoring.metrics_enabled', true, 'figures show trouble before users do'),
    set('backup.enabled', true, 'data that is not backed up is gone one day'),
  ],
  invariants: [
    must('firewall-on', 'security.firewall_enabled', 'be true', 'the ports must not face everybody', s =>
      s.flag('security.firewall_enabled'),
    ),
    must('ssl-on', 'security.ssl_enabled', 'be true', 'passwords and cookies must not travel in the clear', s =>
      s.flag('security.ssl_enabled'),
    ),
    must(
      'tls-terminated',
      'security.tls',
      'be nginx or external',
      'something has to speak the TLS that ssl_enabled promises',
      s => !s.flag('security.ssl_enabled') || s.text('security.tls') !== 'none',
    ),
    must(
      'internal-only',
      'security.allowed_ips',
      'hold private networks only',
      'it is for the internal network (10.0.0.0/8, 192.168.0.0/16, fd00::/8 and the like)',
      s => s.list<string>('security.allowed_ips').every(isPrivate),
    ),
    must(
      'memory-limited',
      'resources.memory_max',
      'be above 0',
      'one leaking service must not take the machine down',
      s => s.number('resources.memory_max') > 0,
    ),
    must(
      'own-account',
      'deployment.user',
      'not be root',
      'a service that is broken into must not own the machine',
      s => s.text('deployment.user') !== 'root',
    ),
    must(
      'own-group',
      'deployment.group',
      'not be a group with power over the machine',
      'a service that is broken into must not own the machine',
      s => !powerful.includes(s.text('deployment.group')),
    ),
    must(
      'hardened',
      'security.hardening',
      'be strict',
      'a service that is broken into must stay where it is',
      s => s.text('security.hardening') === 'strict',
    ),
    must('monitored', 'monitoring.enabled', 'be true', 'somebody has to notice', s => s.flag('monitoring.enabled')),
    must('alerts-on', 'monitoring.alert_on_failure', 'be true', 'somebody has to notice', s =>
      s.flag('monitoring.alert_on_failure'),
    ),
    must('backup-on', 'backup.enabled', 'be true', 'data that is not backed up is gone one day', s =>
      s.flag('backup.enabled'),
    ),
    must(
      'backup-scheduled',
      'backup.schedule',
      'not be empty',
      'a backup without a schedule never runs',
      s => !s.flag('backup.enabled') || s.text('backup.schedule') !== '',
    ),
  ],
  requirements: [],
};

/** Groups whose members can become root, or read what only root should. */
const powerful: readonly string[] = [
  'root',
  'sudo',
  'wheel',
  'admin',
  'adm',
  'docker',
  'lxd',
  'disk',
  'shadow',
  'kvm',
  'kmem',
  'libvirt',
  'incus',
  'incus-admin',
];
