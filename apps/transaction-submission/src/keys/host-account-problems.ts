import type { UnitOfWork } from '@libs/persistence';
import type { TenantsRepository } from '@libs/tenants';

/** Which tenants of the host account wait because theirs is another one than that of this process, a sentence for each such account. */
export async function hostAccountProblems(
  uow: UnitOfWork,
  tenants: TenantsRepository,
  host: string,
): Promise<readonly string[]> {
  const others = await uow.runSystem('tenants of another host account', (tx) =>
    tenants.onOtherHostAccounts(tx, host),
  );
  return others.map(({ account, first, count }) => {
    const more = count > 1 ? ` and ${String(count - 1)} more` : '';
    return `payments of ${first}${more} wait: they leave from ${account}, and the host account here is ${host}. Start transaction-submission (or the signer) with the DISTRIBUTION_SEED and DISTRIBUTION_PUBLIC_KEY of that account again, see "The host account" in docs/runbooks/key-rotation.md`;
  });
}
