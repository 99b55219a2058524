import type { UnitOfWork } from '@libs/persistence';

/**
 * What the operator of a process without keys of the captcha has to know: which usable organisations ask for one, where nobody signs in
 * or registers until one of the two is changed. One sentence at most.
 */
export async function captchaWithoutKeys(
  uow: UnitOfWork,
  captcha: { readonly isConfigured: boolean },
): Promise<readonly string[]> {
  if (captcha.isConfigured) return [];
  const asking = await uow.runSystem('organisations that ask for a captcha', (tx) =>
    tx.queryOne<{ readonly first: string | null; readonly count: bigint }>(
      `SELECT min(t.name) AS first, count(*) AS count
         FROM tenants.organizations o JOIN tenants.tenants t ON t.id = o.tenant_id
        WHERE o.captcha_disabled = false AND t.status IN ('PROVISIONED', 'ACTIVATED') AND t.deleted_at IS NULL`,
    ),
  );
  if (asking === null || asking.first === null) return [];
  const more = asking.count > 1n ? ` and ${String(asking.count - 1n)} more` : '';
  return [
    `nobody signs in at or registers with ${asking.first}${more}: it asks for a captcha, and RECAPTCHA_SITE_KEY and RECAPTCHA_SITE_SECRET_KEY are not set. Set them for dashboard-api and recipient-api, or switch it off with npm run tenants -- disable-recaptcha ${asking.first}`,
  ];
}
