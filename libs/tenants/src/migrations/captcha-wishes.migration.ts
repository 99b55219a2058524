import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLES = {
  dashboardapi: 'distributary_dashboard_api_system',
  recipientapi: 'distributary_recipient_api_system',
} as const;

/** An app without keys of the captcha tells its operator which organisations ask for one all the same. */
class CaptchaWishes1795420000000 implements MigrationInterface {
  readonly name = 'CaptchaWishes1795420000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [app, role] of Object.entries(ROLES)) {
      await runner.query(`GRANT SELECT (tenant_id, captcha_disabled) ON tenants.organizations TO ${role}`);
      await runner.query(
        `CREATE POLICY across_${app} ON tenants.organizations FOR SELECT TO ${role} USING (true)`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [app, role] of Object.entries(ROLES)) {
      await runner.query(`DROP POLICY across_${app} ON tenants.organizations`);
      await runner.query(`REVOKE SELECT (tenant_id, captcha_disabled) ON tenants.organizations FROM ${role}`);
    }
  }
}

export const captchaWishesMigrations: readonly Migration[] = [CaptchaWishes1795420000000];
