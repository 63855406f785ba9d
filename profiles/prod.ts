/** Production: strict, watched, backed up, audited. What does not hold here fails the promote. */

import { must, type Profile, set } from '../lib/profile.js';
import { protectedServer } from './protected.js';

export const prod: Profile = {
  name: 'prod',
  summary: 'Production: strict, watched, backed up, audited',
  extends: protectedServer,
  rules: [
    set('environment.type', 'production', 'it is what users see'),
    set('environment.description', 'Production environment - CRITICAL', 'says what it is'),

    set('resources.memory_max', 4096, 'the largest share'),
    set('resources.nofile', 131072, 'every user holds connections'),
    set('resources.nproc', 8192, 'room for a rush'),

    set('security.hsts_enabled', true, 'browsers never fall back to plain HTTP'),
    set('security.default_input', 'drop', 'what is not meant to be reached is not reachable'),

    set('logging.level', 'warn', 'what needs attention'),
    set('logging.retention_days', 90, 'as long as an audit looks back'),

    set('monitoring.apm_enabled', true, 'slow requests are found before users complain'),

    set('backup.schedule', '0 1 * * *', 'daily, when traffic is lowest'),
    set('backup.retention_days', 30, 'a month'),
    set('backup.offsite_enabled', true, 'a backup on the same machine is lost with it'),

    set('compliance.audit_logging', true, 'who changed what, and when'),
    set('compliance.retention_days', 90, 'as long as an audit looks back'),
  ],
  invariants: [
    must(
      'production-type',
      'environment.type',
      'be production',
      'NODE_ENV follows it',
      s => s.text('environment.type') === 'production',
    ),
    must(
      'input-dropped',
      'security.default_input',
      'be drop',
      'what is not meant to be reached must not be reachable',
      s => s.text('security.default_input') === 'drop',
    ),
    must('hsts-on', 'security.hsts_enabled', 'be true', 'a first plain request can be hijacked', s =>
      s.flag('security.hsts_enabled'),
    ),
    must(
      'quiet-log',
      'logging.level',
      'be info or above',
      'debug logs hold what users typed',
      s => !['trace', 'debug'].includes(s.text('logging.level')),
    ),
    must(
      'backup-kept',
      'backup.retention_days',
      'be above 0',
      'a backup that is deleted at once is none',
      s => s.number('backup.retention_days') > 0,
    ),
    must('metrics-on', 'monitoring.metrics_enabled', 'be true', 'figures show trouble before users do', s =>
      s.flag('monitoring.metrics_enabled'),
    ),
    must('offsite-on', 'backup.offsite_enabled', 'be true', 'a backup on the same machine is lost with it', s =>
      s.flag('backup.offsite_enabled'),
    ),
    must('audited', 'compliance.audit_logging', 'be true', 'an auditor asks who changed what', s =>
      s.flag('compliance.audit_logging'),
    ),
    must(
      'audit-kept',
      'compliance.retention_days',
      'be at least 90',
      'an audit looks back 90 days',
      s => s.number('compliance.retention_days') >= 90,
    ),
  ],
  requirements: [],
};
