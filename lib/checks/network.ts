/** Ports and names on the network. */

import { portNames, portVariable } from '../service.js';
import type { Subject } from './subject.js';

export function checkDomain(subject: Subject) {
  if (subject.settings.text('deployment.domain') === '')
    subject.add('deployment.domain', 'deployment.domain must not be empty', 'localhost stands for no name of its own');
}

export function checkPorts(subject: Subject) {
  const { settings } = subject;
  const [start, end] = [settings.number('ports.dynamic_start'), settings.number('ports.dynamic_end')];
  if (start > end) subject.add('ports.dynamic_end', `ports.dynamic_end (${end}) lies below dynamic_start (${start})`);
  const taken = new Map<number, string>();
  const variables = new Map<string, string>();
  for (const name of portNames(settings)) {
    const key = `ports.${name}`;
    const port = settings.number(key);
    const other = taken.get(port);
    if (other) subject.add(key, `${key} is ${port}, and so is ports.${other}`, 'give each its own port');
    else if (port >= start && port <= end)
      subject.add(key, `${key} (${port}) lies in the dynamic range ${start} to ${end}`);
    taken.set(port, name);
    const twin = variables.get(portVariable(name));
    if (twin) subject.add(key, `${key} and ports.${twin} would both be ${portVariable(name)} for the services`);
    variables.set(portVariable(name), name);
  }
  checkRange(subject);
  checkSsh(subject, start, end);
}

function checkRange(subject: Subject) {
  for (const name of ['dynamic_start', 'dynamic_end', ...portNames(subject.settings)]) {
    const port = subject.settings.number(`ports.${name}`);
    if (port > 65535) subject.add(`ports.${name}`, `ports.${name} is ${port} after the offset, but ports end at 65535`);
  }
}

/** Our ports are closed to all but `allowed_ips`: the operator's own way in must not be one of them. */
function checkSsh(subject: Subject, start: number, end: number) {
  const { settings } = subject;
  const ssh = settings.list<number>('security.ssh_ports');
  const hint = 'ports of [ports] are closed to everybody but allowed_ips; ssh_ports has rules of its own';
  for (const name of portNames(settings))
    if (ssh.includes(settings.number(`ports.${name}`)))
      subject.add(`ports.${name}`, `ports.${name} is a port that sshd listens on (security.ssh_ports)`, hint);
  const within = ssh.find(port => port >= start && port <= end);
  if (within !== undefined)
    subject.add(
      'ports.dynamic_start',
      `the dynamic range ${start} to ${end} holds ${within}, where sshd listens`,
      hint,
    );
}
