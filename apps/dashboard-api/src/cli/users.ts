import { parseArgs } from 'node:util';

import { type Role, ROLES } from '@libs/contracts';
import { brokenPasswordRules, isEmail, normalisedEmail } from '@libs/identity';
import { isId } from '@libs/kernel';

import { addUser } from './add-user';
import { CommandError, runCommand } from './cli-platform';
import { readPassword } from './password-input';

const USAGE = `npm run users -- add <email> <first name> <last name> --tenant-id <id> --roles <role> [--owner] [--password]

Adds a person who works for an organisation. Without --password they are invited by mail to choose one. For somebody
who is there already, --password gives a new password and signs them out everywhere.

  --roles <role>       ${ROLES.join(', ')}
  --owner              the person owns the organisation
  --password           ask for a password (or read it from standard input)
  --tenant-id <id>     the organisation
`;

const OPTIONS = {
  roles: { type: 'string' },
  owner: { type: 'boolean', default: false },
  password: { type: 'boolean', default: false },
  'tenant-id': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function rolesOf(text: string | undefined, isOwner: boolean): readonly Role[] {
  const names = (text ?? (isOwner ? 'owner' : '')).split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => names.includes(role));
  if (roles.length !== 1 || names.length !== 1) {
    throw new CommandError(`--roles must be exactly one of ${ROLES.join(', ')}`);
  }
  return roles;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [command, email = '', firstName = '', lastName = ''] = positionals;
  if (values.help || command !== 'add') {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const tenantId = values['tenant-id'] ?? '';
  if (!isEmail(normalisedEmail(email))) throw new Error(`${email} is not an e-mail address`);
  if (!isId(tenantId)) throw new Error('--tenant-id must be the id of a tenant');
  const roles = rolesOf(values.roles, values.owner);
  const password = values.password ? await readPassword() : null;
  const broken = Object.values(password === null ? {} : brokenPasswordRules(password));
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const order = { email, firstName, lastName, roles, isOwner: values.owner, tenantId, password };
  await runCommand(async (platform) => {
    process.stdout.write(`${JSON.stringify(await addUser(platform, order))}\n`);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
