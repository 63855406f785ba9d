/** A development server: open, loud, cheap to lose. */

import { type Profile, set } from '../lib/profile.js';
import { server } from './server.js';

export const dev: Profile = {
  name: 'dev',
  summary: 'Development server: open, loud, cheap to lose',
  extends: server,
  rules: [
    set('environment.type', 'development', 'it is where development happens'),
    set('environment.description', 'Development server (@dev)', 'says what it is'),

    set('deployment.tetra_src', '/root/src/devops/tetra', 'everything on a development server is root’s'),
    set('deployment.tetra_dir', '/root/tetra', 'everything on a development server is root’s'),
    set('deployment.user', 'root', 'everything on a development server is root’s'),
    set('deployment.group', 'root', 'everything on a development server is root’s'),

    set('resources.memory_max', 1024, 'moderate: it is a small machine'),
    set('resources.nofile', 65536, 'a server holds many connections'),
    set('resources.nproc', 4096, 'a server runs more than a shell'),

    set('security.allowed_ips', ['0.0.0.0/0'], 'colleagues come from everywhere'),
    set('security.ssl_enabled', false, 'no certificate to look after'),
    set('security.ssl_cert', '', 'no certificate to look after'),
    set('security.ssl_key', '', 'no certificate to look after'),
    set('security.tls', 'none', 'no certificate to look after'),
    set('security.hsts_enabled', false, 'it would lock browsers out of plain HTTP'),
    set('security.default_input', 'accept', 'what else runs there stays reachable'),
    set('security.hardening', 'basic', 'what costs a developer nothing'),

    set('logging.level', 'debug', 'developers want to see it all'),
    set('logging.retention_days', 14, 'as long as a sprint'),

    set('monitoring.metrics_enabled', false, 'nobody looks at the figures of a development server'),
    set('monitoring.apm_enabled', false, 'nobody looks at the figures of a development server'),

    set('backup.enabled', false, 'nothing there that cannot be made again'),
    set('backup.schedule', '', 'nothing there that cannot be made again'),
    set('backup.retention_days', 7, 'for those who switch backups on'),
    set('backup.offsite_enabled', false, 'nothing there that cannot be made again'),

    set('compliance.audit_logging', false, 'no audit looks here'),
    set('compliance.retention_days', 0, 'no audit looks here'),
  ],
  invariants: [],
  requirements: [],
};
