/** Health checks of services: one at most, and at a port that is there. */

import { checkedUrl } from '../schema/kinds.js';
import { given, lookupIn, portNames, portOf } from '../service.js';
import { expandAll } from '../variables.js';
import { portHint } from './services.js';
import type { Subject } from './subject.js';

export function checkHealth(subject: Subject) {
  for (const service of subject.settings.names('services')) {
    checkKinds(subject, service);
    checkUrl(subject, service);
    checkPort(subject, service);
  }
}

function checkKinds(subject: Subject, service: string) {
  const { settings } = subject;
  const base = `services.${service}.health`;
  const named = ['http', 'tcp', 'command'].filter(name => settings.value(`${base}.${name}`) !== undefined);
  const [first, second] = named.filter(name => settings.value(`${base}.${name}`) !== '');
  if (second)
    return subject.add(
      `${base}.${second}`,
      `${base} has both ${first} and ${second}`,
      `keep one; where a weaker layer sets the other, take it away with ${first} = ""`,
    );
  if (named.length === 0)
    for (const name of settings.names(base))
      subject.add(`${base}.${name}`, `${base} has ${name}, but nothing to look at`, 'set http, tcp or command');
}

function checkUrl(subject: Subject, service: string) {
  const { settings } = subject;
  const key = `services.${service}.health.http`;
  const text = settings.optional(key) ?? '';
  if (text.startsWith('/') && portOf(settings, service) === undefined) addPortless(subject, service, key);
  const problem = checkedUrl.check?.(expandAll(text, lookupIn(given(settings, subject.org, service))));
  if (problem) subject.add(key, `${key} ${problem}`);
}

function checkPort(subject: Subject, service: string) {
  const { settings } = subject;
  const key = `services.${service}.health.tcp`;
  const port = settings.value(key);
  if (port === true && portOf(settings, service) === undefined) addPortless(subject, service, key);
  if (typeof port === 'string' && port !== '' && !portNames(settings).includes(port))
    subject.add(
      key,
      `${key} must be the name of a port in [ports]`,
      /^\d+$/.test(port) ? 'write the number without quotes' : portHint(port, portNames(settings)),
    );
}

function addPortless(subject: Subject, service: string, key: string) {
  const hint = `name it with port = "..." in [services.${service}], or write the whole address`;
  subject.add(key, `${key} asks at the port of the service, which has none`, hint);
}
