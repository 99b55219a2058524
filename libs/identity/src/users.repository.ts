import { type Role, ROLES } from '@libs/contracts';
import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { isEmail, normalisedEmail, type StaffUser } from './staff-user';

export interface NewUser {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly roles: readonly Role[];
  readonly isOwner: boolean;
  /** Null when the person is invited to set one. */
  readonly passwordHash: string | null;
}

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly is_owner: boolean;
  readonly is_active: boolean;
  readonly roles: readonly string[];
}

export const USER_COLUMNS = 'u.id, u.email, u.first_name, u.last_name, u.is_owner, u.is_active, u.roles';

export function staffUserOf(row: UserRow): StaffUser {
  return {
    id: row.id,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    isOwner: row.is_owner,
    isActive: row.is_active,
    roles: ROLES.filter((role) => row.roles.includes(role) || (role === 'owner' && row.is_owner)),
  };
}

const isUniqueViolation = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '23505';

export type UserSort = 'email' | 'is_active';

export class UsersRepository {
  /** The new user's id, or null when the e-mail address is taken. */
  async add(tx: TenantTx, user: NewUser): Promise<string | null> {
    const added = await tx.queryOne<{ id: string }>(
      `INSERT INTO identity.users (tenant_id, id, email, first_name, last_name, roles, is_owner, password_hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (tenant_id, email) DO NOTHING RETURNING id`,
      [
        tx.tenantId,
        newId(),
        normalisedEmail(user.email),
        user.firstName,
        user.lastName,
        user.roles,
        user.isOwner,
        user.passwordHash,
      ],
    );
    return added?.id ?? null;
  }

  async findForLogin(
    tx: TenantTx,
    email: string,
  ): Promise<{ readonly user: StaffUser; readonly passwordHash: string | null } | null> {
    // What is no address belongs to nobody, and may hold what PostgreSQL cannot take.
    if (!isEmail(normalisedEmail(email))) return null;
    const row = await tx.queryOne<UserRow & { readonly password_hash: string | null }>(
      `SELECT ${USER_COLUMNS}, u.password_hash FROM identity.users u WHERE u.tenant_id = $1 AND u.email = $2`,
      [tx.tenantId, normalisedEmail(email)],
    );
    return row === null ? null : { user: staffUserOf(row), passwordHash: row.password_hash };
  }

  async find(tx: TenantTx, userId: string): Promise<StaffUser | null> {
    const row = await tx.queryOne<UserRow>(
      `SELECT ${USER_COLUMNS} FROM identity.users u WHERE u.tenant_id = $1 AND u.id = $2`,
      [tx.tenantId, userId],
    );
    return row === null ? null : staffUserOf(row);
  }

  /**
   * Locked for the rest of the database transaction, so that what is read is what is changed. Rows that name the
   * person (a session, a passkey) may be added meanwhile.
   */
  async lock(tx: TenantTx, userId: string): Promise<StaffUser | null> {
    const row = await tx.queryOne<UserRow>(
      `SELECT ${USER_COLUMNS} FROM identity.users u WHERE u.tenant_id = $1 AND u.id = $2 FOR NO KEY UPDATE`,
      [tx.tenantId, userId],
    );
    return row === null ? null : staffUserOf(row);
  }

  /**
   * `email` is a normalised one. False when it is another person's. A link to a new password that was sent to the old
   * address counts no more.
   */
  async changeProfile(
    tx: TenantTx,
    userId: string,
    change: { readonly firstName?: string; readonly lastName?: string; readonly email?: string },
  ): Promise<boolean> {
    const values = [change.firstName ?? null, change.lastName ?? null, change.email ?? null];
    await tx.execute('SAVEPOINT profile');
    try {
      const changed = await tx.execute(
        `UPDATE identity.users SET first_name = coalesce($3, first_name), last_name = coalesce($4, last_name),
                email = coalesce($5, email), updated_at = now() WHERE tenant_id = $1 AND id = $2`,
        [tx.tenantId, userId, ...values],
      );
      if (change.email !== undefined) await this.endLink(tx, userId);
      return changed === 1;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      await tx.execute('ROLLBACK TO SAVEPOINT profile');
      return false;
    }
  }

  async setRoles(tx: TenantTx, userId: string, roles: readonly Role[]): Promise<void> {
    await tx.execute(
      `UPDATE identity.users SET roles = $3, is_owner = $4, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, userId, roles, roles.includes('owner')],
    );
  }

  /** A link to a new password that was sent to who is switched off counts no more, also when they are switched on again. */
  async setActive(tx: TenantTx, userId: string, isActive: boolean): Promise<void> {
    await tx.execute(
      `UPDATE identity.users SET is_active = $3, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, userId, isActive],
    );
    if (!isActive) await this.endLink(tx, userId);
  }

  /**
   * The same together with all owners, everybody in one order: two owners who change each other at once wait for each other in
   * turn, and the second sees what the first has left.
   */
  async lockWithOwners(tx: TenantTx, userId: string): Promise<StaffUser | null> {
    const rows = await tx.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM identity.users u
        WHERE u.tenant_id = $1 AND (u.id = $2 OR u.is_owner OR 'owner' = ANY (u.roles))
        ORDER BY u.id FOR NO KEY UPDATE`,
      [tx.tenantId, userId],
    );
    const row = rows.find(({ id }) => id === userId.toLowerCase());
    return row === undefined ? null : staffUserOf(row);
  }

  /**
   * Whether somebody owns the organisation who can sign in: who was only invited may never come. Who takes a role or access
   * away asks this under the lock of `lockWithOwners`.
   */
  async hasActiveOwner(tx: TenantTx): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM identity.users WHERE tenant_id = $1 AND is_active AND password_hash IS NOT NULL AND (is_owner OR 'owner' = ANY (roles)) LIMIT 1`,
      [tx.tenantId],
    );
    return row !== null;
  }

  /** Everybody who works for the organisation; a few dozen people, so there are no pages. */
  async list(tx: TenantTx, sort: UserSort, direction: 'asc' | 'desc'): Promise<StaffUser[]> {
    const rows = await tx.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM identity.users u WHERE u.tenant_id = $1
        ORDER BY ${sort === 'email' ? 'u.email' : 'u.is_active'} ${direction === 'asc' ? 'ASC' : 'DESC'}, u.id LIMIT 10000`,
      [tx.tenantId],
    );
    return rows.map(staffUserOf);
  }

  /** Whether this is the password of an active person, which stays so until the end of the database transaction. */
  async keepPassword(tx: TenantTx, userId: string, passwordHash: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM identity.users WHERE tenant_id = $1 AND id = $2 AND password_hash = $3 AND is_active FOR SHARE`,
      [tx.tenantId, userId, passwordHash],
    );
    return row !== null;
  }

  /** A link to a new password that was sent before counts no more. */
  async setPassword(tx: TenantTx, userId: string, passwordHash: string): Promise<void> {
    await tx.execute(
      `UPDATE identity.users SET password_hash = $3, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, userId, passwordHash],
    );
    await this.endLink(tx, userId);
  }

  /** After the change of the person that ends it: who redeems a link locks the person first. */
  private async endLink(tx: TenantTx, userId: string): Promise<void> {
    await tx.execute(`DELETE FROM identity.password_resets WHERE tenant_id = $1 AND user_id = $2`, [
      tx.tenantId,
      userId,
    ]);
  }
}
