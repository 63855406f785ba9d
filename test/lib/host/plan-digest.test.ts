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
  files: [{ path: '/etc/systemd/system/acme-prod-api.service', change: 'added', from: null, to: 'sha256:1' }],
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
  ['the content of a file', { files: [{ ...plan.files[0]!, to: 'sha256:2' }] }],
  ['load of the rules', { firewall: { change: 'load' as const, closes: [] } }],
] as const)
  digest(`is another for another ${what}`, () => {
    assert.is.not(planDigest({ ...plan, ...other }), planDigest(plan));
  });

digest('is the same whatever listens on the host, which comes and goes', () => {
  const firewall = { change: 'none' as const, closes: ['udp 40000 (chrony)'] };
  assert.is(planDigest({ ...plan, firewall }), planDigest(plan));
});

digest.run();
