import type { Role } from '@libs/contracts';
import {
  MfaCodesRepository,
  noteChange,
  PasswordHasher,
  SessionsRepository,
  UsersRepository,
} from '@libs/identity';
import { OrganizationsRepository, TenantsRepository } from '@libs/tenants';

import { type Extras, nameOf } from '../people/user-body';
import { auditedCommand } from './audited-command';
import { type CliPlatform, CommandError } from './cli-platform';

const ACTOR = 'system:command line';

export interface UserOrder {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly roles: readonly Role[];
  readonly isOwner: boolean;
  readonly tenantId: string;
  readonly password: string | null;
}

export interface UserOutcome {
  readonly id: string;
  readonly outcome: 'added' | 'password changed';
}

/** Adds a person, or gives one who is there a new password. Throws a CommandError for what cannot be done. */
export async function addUser(
  platform: Pick<CliPlatform, 'unitOfWork' | 'mail'>,
  order: UserOrder,
): Promise<UserOutcome> {
  const names = namesOf(order);
  const passwordHash = order.password === null ? null : await new PasswordHasher().hash(order.password);
  const context = {
    tenantId: order.tenantId,
    actor: ACTOR,
    trace: '',
    beforeCommit: auditedCommand('users add'),
  };
  return await platform.unitOfWork.run(context, async (tx) => {
    const tenant = await new TenantsRepository().findById(tx, order.tenantId);
    const organization = await new OrganizationsRepository().find(tx);
    if (tenant === null || organization === null)
      throw new CommandError(`there is no tenant ${order.tenantId}`);
    const users = new UsersRepository();
    const id = await users.add(tx, { ...order, ...names, passwordHash });
    if (id !== null) {
      if (passwordHash === null) {
        await platform.mail.invite(tx, {
          email: order.email,
          firstName: names.firstName,
          organizationName: organization.name,
          uiBaseUrl: tenant.sdpUiBaseUrl,
        });
      }
      const after = { email: order.email, roles: order.roles, is_owner: order.isOwner };
      noteChange(tx, { subjectType: 'user', subjectId: id, before: null, after });
      return { id, outcome: 'added' };
    }
    const known = await users.findForLogin(tx, order.email);
    if (known === null || passwordHash === null)
      throw new CommandError('a user with this email already exists');
    await users.setPassword(tx, known.user.id, passwordHash);
    const devices = new MfaCodesRepository();
    await devices.endWaiting(tx, known.user.id);
    await devices.forgetDevices(tx, known.user.id);
    await new SessionsRepository().endAllOf(tx, known.user.id);
    const after = { email: order.email, has_new_credentials: true };
    noteChange(tx, { subjectType: 'user', subjectId: known.user.id, before: null, after });
    return { id: known.user.id, outcome: 'password changed' };
  });
}

/** By the rules of `POST /users`. */
function namesOf({ firstName, lastName }: UserOrder): Pick<UserOrder, 'firstName' | 'lastName'> {
  const extras: Extras = {};
  const given = { first_name: firstName, last_name: lastName };
  const names = {
    firstName: nameOf(given, 'first_name', extras),
    lastName: nameOf(given, 'last_name', extras),
  };
  const mistakes = Object.values(extras);
  if (mistakes.length > 0) throw new CommandError(mistakes.join('\n'));
  return names;
}
