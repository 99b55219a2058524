import { noteChange, noteNothing } from '@libs/identity';
import type { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';

import { auditedCommand } from './audited-command';
import { CommandError } from './cli-platform';
import { tenantNamed } from './named-tenant';

/**
 * Switches the captcha off for one organisation, whatever the environment says. Its staff could do so as well, but not while nobody can
 * solve the captcha and sign in. Repeating it changes nothing.
 */
export async function disableRecaptcha(
  uow: UnitOfWork,
  order: { readonly tenant: string; readonly actor: string },
): Promise<void> {
  const tenant = await tenantNamed(uow, order.tenant);
  const organizations = new OrganizationsRepository();
  const beforeCommit = auditedCommand('tenants disable-recaptcha');
  await uow.run({ tenantId: tenant.id, actor: order.actor, trace: '', beforeCommit }, async (tx) => {
    const before = await organizations.lock(tx);
    if (before === null) {
      throw new CommandError(`${order.tenant} is still being provisioned: repeat when that is done`);
    }
    if (before.captchaDisabled === true) {
      noteNothing(tx);
      return;
    }
    await organizations.change(tx, { captchaDisabled: true });
    noteChange(tx, {
      subjectType: 'organization',
      subjectId: tenant.id,
      before: { captcha_disabled: before.captchaDisabled },
      after: { captcha_disabled: true },
    });
  });
}
