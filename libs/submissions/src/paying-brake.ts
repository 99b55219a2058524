import { isId, type Result } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';

import { EverythingHold, type HoldOnEverything } from './everything-hold.repository';
import { Holds, type StillPayable } from './holds';
import { OperatorDecisionRepository } from './operator-decision.repository';

export interface StopOrder {
  /** 1 to 100 characters: it names the hold, and lifting it asks for the same words. */
  readonly reason: string;
  readonly actor: string;
}

export interface ResumeOrder {
  /** Why paying may go on. */
  readonly reason: string;
  readonly actor: string;
  /** Which hold; null where there is only one. */
  readonly hold: string | null;
}

export interface TenantStillPayable extends StillPayable {
  readonly tenantId: string;
}

export interface PayingState {
  /** Nothing is signed while there is one. */
  readonly holds: readonly HoldOnEverything[];
  /** Sent before: the ledger may still apply these until their time has passed. At most 10,000. */
  readonly mayStillBePaid: readonly TenantStillPayable[];
  /** How many there are, also where the list is cut. */
  readonly mayStillBePaidCount: number;
}

export type ResumeProblem =
  | { readonly kind: 'nothing held' }
  | { readonly kind: 'which one'; readonly holds: readonly string[] }
  | { readonly kind: 'unknown hold'; readonly holds: readonly string[] };

const LISTED_MAX = 10_000;

/** Stops and resumes paying for all tenants at once, with a record of who did it and why. */
export class PayingBrake {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly parts: {
      readonly everything: EverythingHold;
      readonly holds: Holds;
      readonly decisions: OperatorDecisionRepository;
    } = { everything: new EverythingHold(), holds: new Holds(), decisions: new OperatorDecisionRepository() },
  ) {}

  /** When it resolves, everything is held. Stopping again for the same reason changes nothing. */
  async stop(order: StopOrder): Promise<PayingState> {
    const { everything, decisions } = this.parts;
    await this.uow.runSystem('an operator stops all payments', async (tx) => {
      if (!(await everything.lay(tx, order))) return;
      await decisions.record(tx, { kind: 'stop-paying', subject: order.reason, ...order });
    });
    return await this.state();
  }

  async resume(order: ResumeOrder): Promise<Result<PayingState, ResumeProblem>> {
    const { everything, decisions } = this.parts;
    const problem = await this.uow.runSystem('an operator lets payments go on', async (tx) => {
      const holds = (await everything.list(tx)).map(({ reason }) => reason);
      const [first] = holds;
      if (first === undefined) return { kind: 'nothing held' } as const;
      if (order.hold === null && holds.length > 1) return { kind: 'which one', holds } as const;
      const hold = order.hold ?? first;
      if (!(await everything.lift(tx, hold))) return { kind: 'unknown hold', holds } as const;
      const { actor, reason } = order;
      await decisions.record(tx, { kind: 'resume-paying', subject: hold, actor, reason });
      return null;
    });
    return problem === null ? { ok: true, value: await this.state() } : { ok: false, error: problem };
  }

  async state(): Promise<PayingState> {
    const { everything, holds } = this.parts;
    const { laid, tenants } = await this.uow.runSystem(
      'what is held, and what is on its way',
      async (tx) => ({
        laid: await everything.list(tx),
        tenants: await everything.tenantsInFlight(tx),
      }),
    );
    const still: TenantStillPayable[] = [];
    for (const tenantId of tenants.filter(isId)) {
      const own = await this.uow.run({ tenantId, actor: 'system:paying brake', trace: '' }, (tx) =>
        holds.mayStillBePaid(tx, { type: 'tenant', id: tenantId }),
      );
      still.push(...own.map((one) => ({ tenantId, ...one })));
    }
    return {
      holds: laid,
      mayStillBePaid: still.slice(0, LISTED_MAX),
      mayStillBePaidCount: still.length,
    };
  }
}
