/** What every server has, whatever it is for: Linux, systemd, services that come back, logs in the journal. */

import { withEnvFlag } from '../lib/env-flag.js';
import { derive, must, type Profile, set } from '../lib/profile.js';

export const server: Profile = {
  name: 'server',
  summary: 'What all servers share',
  rules: [
    derive('environment.name', 'an environment is called what it was promoted to', ({ env }) => env),

    set('system.os', 'linux', 'servers run Linux'),
    set('system.init_system', 'systemd', 'services are systemd units'),
    set('system.auto_start', true, 'a server starts its services by itself'),

    derive('deployment.domain', 'each environment has its own name under the base domain', ({ env, get }) => {
      const base = get('deployment.base_domain');
      if (base === '') return undefined;
      return env === 'prod' ? base : `${env}.${base}`;
    }),

    set('services.*.auto_restart', true, 'nobody sits beside a server to start it again'),
    derive('services.*.env_file', 'each environment has its own secrets', ({ env, below }) =>
      below === '' ? undefined : `env/${env}.env`,
    ),
    derive('services.*.command', 'the program is told which environment it is', ({ env, name, below, get }) => {
      const flagged = name === 'tetra' || get(`services.${name}.env_flag`) === true;
      return flagged && typeof below === 'string' ? withEnvFlag(below, env) : undefined;
    }),

    set('security.firewall_enabled', true, 'a server is reachable, so it filters'),
    set('logging.format', 'json', 'machines read the logs of servers'),
    set('logging.destination', 'syslog', 'the journal keeps and rotates them'),
    set('monitoring.enabled', true, 'a server that nobody watches is down unnoticed'),
    set('monitoring.health_check_interval', 30, 'soon enough to notice, rare enough to cost nothing'),
    set('monitoring.alert_on_failure', true, 'somebody has to know'),
  ],
  invariants: [
    must(
      'ssh-reachable',
      'security.allowed_ssh',
      'let somebody in, on some port of security.ssh_ports, where all else is dropped',
      'nobody could reach the server any more',
      s =>
        s.text('security.default_input') !== 'drop' ||
        (s.list('security.allowed_ssh').length > 0 && s.list('security.ssh_ports').length > 0),
    ),
  ],
  requirements: [
    {
      name: 'domain',
      key: 'deployment.base_domain',
      reason: 'without it the server keeps the name of the laptop',
      where: 'source',
      missing: (_, layerOf) =>
        ['default', 'local'].includes(layerOf('deployment.domain') ?? '') ? 'set base_domain in [deployment]' : null,
    },
    {
      name: 'certificate',
      key: 'security.ssl_cert',
      reason: 'TLS needs a certificate on the host',
      where: 'host',
      missing: settings => {
        if (settings.text('security.tls') !== 'nginx') return null;
        const [cert, key] = [settings.text('security.ssl_cert'), settings.text('security.ssl_key')];
        return cert && key
          ? `${cert} and ${key}`
          : 'its place follows from base_domain; or set ssl_cert and ssl_key in [security]';
      },
    },
    {
      name: 'alert-command',
      key: 'monitoring.alert_command',
      reason: 'an alert has to reach somebody',
      where: 'source',
      missing: settings =>
        settings.flag('monitoring.alert_on_failure') && settings.text('monitoring.alert_command') === ''
          ? 'set alert_command in [monitoring]'
          : null,
    },
    {
      name: 'offsite-target',
      key: 'backup.offsite_target',
      reason: 'a backup on the same machine is lost with it',
      where: 'source',
      missing: settings =>
        settings.flag('backup.offsite_enabled') && settings.text('backup.offsite_target') === ''
          ? 'set offsite_target in [backup]'
          : null,
    },
  ],
};
