import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostPlan } from '../../../lib/host/activation.js';
import { planDigest } from '../../../lib/host/plan-digest.js';

const plan: HostPlan = {
  org: 'acme',
  env: 'prod',
  from: null,
  to: '5953964d0a182239f88682e3980fdbc2a87c4f19-acme-prod',
  units: [{ unit: 'acme-prod-api.service', verb: 'start', because: ['new'] }],
  files: [{ path: '/etc/systemd/system/acme-prod-api.service', change: 'added' }],
  firewall: { change: 'none', closes: [] },
};

const digest = suite('planDigest');

digest('is that of the plan as canonical JSON, whatever the order of its keys', () => {
  const { org, env, ...rest } = plan;
  assert.match(planDigest(plan), /^sha256:[0-9a-f]{64}$/);
  assert.is(planDigest({ ...rest, env, org }), planDigest(plan));
});

for (const [what, other] of [
  ['the bundle that was active', { from: plan.to }],
  ['the verb of a unit', { units: [{ ...plan.units[0]!, verb: 'restart' as const }] }],
  ['why', { units: [{ ...plan.units[0]!, because: ['Service.MemoryMax'] }] }],
  ['a file', { files: [] }],
  ['a port that the rules close', { firewall: { change: 'load' as const, closes: ['tcp 80 (nginx)'] } }],
] as const)
  digest(`is another for another ${what}`, () => {
    assert.is.not(planDigest({ ...plan, ...other }), planDigest(plan));
  });

digest.run();
