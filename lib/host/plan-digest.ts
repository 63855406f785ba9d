/** A plan's name: whoever reviewed one can ask that this very plan is carried out, or none. */

import { type Digest, sha256 } from '../digest.js';
import { canonicalJson } from '../json.js';
import type { HostPlan } from './activation.js';

export function planDigest(plan: HostPlan): Digest {
  const units = plan.units.map(step => ({ ...step }));
  const files = plan.files.map(step => ({ ...step }));
  return sha256(canonicalJson({ ...plan, units, files, firewall: { change: plan.firewall.change } }));
}
