/** Staging: like prod where it matters, smaller where it does not. */

import { type Profile, set } from '../lib/profile.js';
import { protectedServer } from './protected.js';

export const staging: Profile = {
  name: 'staging',
  summary: 'Staging: like prod where it matters, smaller where it does not',
  extends: protectedServer,
  rules: [
    set('environment.type', 'staging', 'the rehearsal'),
    set('environment.description', 'Staging environment', 'says what it is'),

    set('resources.memory_max', 2048, 'half of prod'),
    set('resources.nofile', 65536, 'a server holds many connections'),
    set('resources.nproc', 4096, 'a server runs more than a shell'),

    set('security.hsts_enabled', false, 'testers also look without TLS'),
    set('security.default_input', 'accept', 'what else runs there stays reachable'),

    set('logging.level', 'info', 'what happened, without every step'),
    set('logging.retention_days', 30, 'as long as a release is tested'),

    set('monitoring.apm_enabled', false, 'tracing is for real traffic'),

    set('backup.schedule', '0 3 * * *', 'daily, at night'),
    set('backup.retention_days', 14, 'two weeks'),
    set('backup.offsite_enabled', false, 'a rehearsal needs no second site'),

    set('compliance.audit_logging', false, 'no audit looks here'),
    set('compliance.retention_days', 0, 'no audit looks here'),
  ],
  invariants: [],
  requirements: [],
};
