/** The machine and the folders on it. */

import { isHome, isSystemFolder, liesIn } from '../host-paths.js';
import { enabledServices } from '../service.js';
import type { Subject } from './subject.js';

export function checkSystem(subject: Subject) {
  const { settings, env } = subject;
  if (settings.text('environment.name') !== env)
    subject.add('environment.name', 'environment.name is set by tsm and cannot be overridden', 'take the line out');
  for (const [key, value] of [
    ['system.os', 'linux'],
    ['system.init_system', 'systemd'],
  ] as const)
    if (settings.text(key) !== value)
      subject.add(key, `${key} must be ${value}: what is generated are systemd units`, 'take the line out');
}

export function checkFolders(subject: Subject) {
  const { settings } = subject;
  const log = settings.text('logging.destination') === 'file' ? ['logging.file_path'] : [];
  const writable = ['deployment.tetra_dir', ...log];
  const read = ['deployment.tetra_src', ...enabledServices(settings).map(name => `services.${name}.working_dir`)];
  const isEmpty = (key: string) => settings.text(key) === '';
  for (const key of [...writable, ...read].filter(isEmpty)) subject.add(key, `${key} must not be empty`);
  for (const key of writable) if (!isEmpty(key)) checkWritable(subject, key);
  const [code, data] = [settings.text('deployment.tetra_src'), settings.text('deployment.tetra_dir')];
  if (settings.text('security.hardening') === 'strict' && data !== '' && liesIn(code, data))
    subject.add(
      'deployment.tetra_dir',
      `deployment.tetra_dir (${data}) holds the code, and services may write there`,
      'keep code and data apart',
    );
  if (settings.text('security.hardening') === 'strict')
    for (const key of [...writable, ...read]) checkVisible(subject, key);
}

function checkWritable(subject: Subject, key: string) {
  const path = subject.settings.text(key);
  const folder = key === 'logging.file_path' ? path.slice(0, path.lastIndexOf('/')) || '/' : path;
  if (isSystemFolder(folder))
    subject.add(key, `${key}: services may write there, and ${path} holds or lies in a folder of the system`);
}

function checkVisible(subject: Subject, key: string) {
  const path = subject.settings.text(key);
  if (!isHome(path)) return;
  const section = key.split('.').slice(0, -1).join('.');
  const hint = `use \${TETRA_SRC} or \${TETRA_DIR}, or set it in [env.${subject.env}.${section}]`;
  subject.add(key, `${key} is ${path}, and hardened services see no home folders`, hint);
}
