/** The profile modules by name. */

import type { Profile } from '../lib/profile.js';
import { dev } from './dev.js';
import { prod } from './prod.js';
import { staging } from './staging.js';

export const profiles: Readonly<Record<string, Profile>> = { dev, staging, prod };
