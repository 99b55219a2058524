import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { Holds, type HoldSubject } from '@libs/submissions';

import { asTenant } from '../../engine-context';
import { ViolationError } from '../simulation/simulated-core';

type Attempts = ReadonlyMap<string, number>;

/** Holds a disbursement or everything of the tenant for a while, and notices when something was signed or sent meanwhile (I9). */
export class BrakePresser {
  private readonly database: Database;
  private readonly uow: UnitOfWork;
  private readonly holds = new Holds();
  private inForce: { readonly subject: HoldSubject; readonly before: Attempts } | null = null;

  constructor(
    url: string,
    private readonly tenantId: string,
  ) {
    this.database = new Database({ url, applicationName: 'dashboard-api', connectionsMax: 2 });
    this.uow = new UnitOfWork(this.database);
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  async press(subject: HoldSubject): Promise<void> {
    const before = await this.uow.run(asTenant(this.tenantId), async (tx) => {
      await this.holds.hold(tx, subject, 'kill rounds');
      return await this.attemptsOf(tx, subject);
    });
    this.inForce = { subject, before };
  }

  /** Lifts the hold. Throws when it was not kept. */
  async lift(): Promise<void> {
    const { inForce } = this;
    if (inForce === null) return;
    const after = await this.uow.run(asTenant(this.tenantId), async (tx) => {
      const now = await this.attemptsOf(tx, inForce.subject);
      await this.holds.release(tx, inForce.subject, 'kill rounds');
      return now;
    });
    this.inForce = null;
    for (const [id, sends] of after) {
      const before = inForce.before.get(id);
      if (before === undefined) throw new ViolationError('I9', `attempt ${id} was signed under a hold`);
      if (sends > before) throw new ViolationError('I9', `attempt ${id} was sent under a hold`);
    }
  }

  /** How often each attempt of the subject was sent. */
  private async attemptsOf(tx: TenantTx, { type, id }: HoldSubject): Promise<Attempts> {
    const rows = await tx.query<{ id: string; sends: number }>(
      `SELECT DISTINCT a.id, a.sends FROM submissions.attempts a
         JOIN submissions.attempt_submissions l ON l.tenant_id = $1 AND l.attempt_id = a.id
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.id = l.submission_id
        WHERE a.tenant_id = $1 AND ($2 = 'tenant' OR s.disbursement_id = $3)`,
      [tx.tenantId, type, id],
    );
    return new Map(rows.map((row) => [row.id, row.sends]));
  }
}
