import { invariant, newId } from '@libs/kernel';
import type { AccountKey } from '@libs/ledger';
import type { TenantContext, TenantTx } from '@libs/persistence';
import {
  type Holds,
  type KeyRotation,
  type KeyRotationRepository,
  lockForHolding,
  type OperatorDecisionRepository,
  type VaultRepository,
} from '@libs/submissions';
import type { TenantsRepository } from '@libs/tenants';

import type { SetupOutcome, SetupService } from '../accounts/setup.service';
import type { EngineContext } from '../engine-context';
import { KeyRotationError } from './key-rotation.errors';
import type { LedgerKeys } from './ledger-keys.port';
import { assertReplaceable, isReplaced } from './signing-power';

export interface RotationOrder {
  readonly tenantId: string;
  /** `operator:<name>`. */
  readonly actor: string;
  /** Why, in the person's own words: 1 to 1,000 characters. */
  readonly reason: string;
}

export type RotationStep =
  /** The ledger may still apply so many envelopes under the old key, the last of them until `until`. */
  | { readonly kind: 'waiting'; readonly attempts: number; readonly until: Date | null }
  /** Something was done, or was tried and has to be looked at again. */
  | { readonly kind: 'under way' }
  | { readonly kind: 'done' };

const HOLD_REASON = 'the key of the distribution account is being replaced';

const contextOf = ({ tenantId, actor }: Pick<RotationOrder, 'tenantId' | 'actor'>): TenantContext => ({
  tenantId,
  actor,
  trace: '',
});

/**
 * Replaces the key that signs for a tenant's distribution account; the account, its address and its money stay.
 *
 * Hold the tenant → the ledger has decided about every envelope → change the signer on the ledger → sign with the new key
 * and lift the hold. Each step is committed before the next begins and asks first what is there, so it can be killed
 * anywhere, resumed by anybody, and run by two at once. The new key is in the vault before the ledger hears of it.
 */
export class KeyRotationService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly rotations: KeyRotationRepository;
      readonly tenants: TenantsRepository;
      readonly holds: Holds;
      readonly vault: VaultRepository;
      readonly decisions: OperatorDecisionRepository;
      readonly keys: LedgerKeys;
      readonly setup: SetupService;
    },
  ) {}

  /** Makes the next key of a tenant's account, so that a backup can be taken that has it. Returns its public half. */
  async prepare(tenantId: string): Promise<{ readonly account: string; readonly nextKey: string }> {
    const { account } = await this.currentKeyOf(tenantId);
    const [nextKey] = await this.parts.keys.make({ purpose: 'rotation', tenantId, account });
    invariant(nextKey !== undefined, 'an account that has a key gets a next one');
    return { account, nextKey };
  }

  /** Begins, or finds the one that is under way. From the return on nothing new is signed for the tenant. */
  async begin(order: RotationOrder): Promise<KeyRotation> {
    const open = await this.openOf(order);
    if (open !== null) return open;
    const { account, key: oldKey } = await this.currentKeyOf(order.tenantId);
    const { nextKey: newKey } = await this.prepare(order.tenantId);
    await assertReplaceable(this.context.reader, { account, key: oldKey }, newKey);
    const { rotations, holds, decisions, vault } = this.parts;
    await this.context.uow.run(contextOf(order), async (tx) => {
      await holds.hold(tx, { type: 'tenant', id: order.tenantId }, HOLD_REASON);
      const [current] = await vault.currentKeysOf(tx, [account]);
      if (current?.key !== oldKey)
        throw new KeyRotationError('another command has just replaced the key of this tenant');
      if (!(await rotations.begin(tx, { id: newId(), account, oldKey, newKey }))) return;
      const { tenantId: subject, actor, reason } = order;
      await decisions.record(tx, {
        kind: 'rotate-key',
        subject,
        actor,
        reason,
        details: { account, oldKey, newKey },
      });
    });
    const begun = await this.openOf(order);
    if (begun === null)
      throw new KeyRotationError('another command has just replaced the key of this tenant');
    return begun;
  }

  /** One step further. Throws `KeyRotationError` when a person has to do something first. */
  async advance(order: Pick<RotationOrder, 'tenantId' | 'actor'>): Promise<RotationStep> {
    const { uow } = this.context;
    const rotation = await this.openOf(order);
    if (rotation === null) return { kind: 'done' };
    if (rotation.status === 'HELD')
      return await uow.run(contextOf(order), (tx) => this.drain(tx, rotation.id));
    const outcome = (await isReplaced(this.context.reader, rotation))
      ? null
      : await this.changeLedger(rotation);
    if (outcome === null || (await isReplaced(this.context.reader, rotation))) {
      await uow.run(contextOf(order), (tx) => this.finish(tx, rotation));
      return { kind: 'done' };
    }
    if (outcome.kind === 'failed' || outcome.kind === 'refused') {
      throw new KeyRotationError(
        `the ledger does not change the key of ${rotation.account}: ${outcome.codes.join(', ')}. The tenant stays held; mend the account and repeat the command`,
      );
    }
    return { kind: 'under way' };
  }

  /** Gives up the one that is under way. Only before anything can have changed on the ledger. */
  async abandon(order: RotationOrder): Promise<void> {
    const rotation = await this.openOf(order);
    if (rotation === null) throw new KeyRotationError('no rotation is under way for this tenant');
    const tooLate = new KeyRotationError(
      'it is too late to give it up: the key may have changed on the ledger. Repeat rotate to finish it',
    );
    if (rotation.status !== 'HELD' || (await isReplaced(this.context.reader, rotation))) throw tooLate;
    const { rotations, decisions } = this.parts;
    await this.context.uow.run(contextOf(order), async (tx) => {
      await lockForHolding(tx);
      if (!(await rotations.move(tx, rotation.id, 'abandon'))) throw tooLate;
      await this.lift(tx);
      const { tenantId: subject, actor, reason } = order;
      await decisions.record(tx, { kind: 'abandon-key-rotation', subject, actor, reason });
    });
  }

  /** Under the lock that holds are laid with: what was not stored before it is not stored after it either. */
  private async drain(tx: TenantTx, id: string): Promise<RotationStep> {
    const { rotations } = this.parts;
    await lockForHolding(tx);
    const { attempts, until } = await rotations.inFlight(tx);
    if (attempts > 0) return { kind: 'waiting', attempts, until };
    await rotations.move(tx, id, 'drain');
    return { kind: 'under way' };
  }

  private async changeLedger({ account, oldKey, newKey }: KeyRotation): Promise<SetupOutcome> {
    const { keys, setup } = this.parts;
    const current: AccountKey = { account, key: oldKey };
    return await setup.run({
      source: current,
      // The host account pays, so that a tenant's account without XLM can be rescued too.
      feePayer: keys.host,
      operations: [{ kind: 'replace-key', account: current, newKey }],
    });
  }

  private async finish(tx: TenantTx, { id, account, newKey }: KeyRotation): Promise<void> {
    const { rotations, vault } = this.parts;
    await lockForHolding(tx);
    // Another command was first.
    if (!(await rotations.move(tx, id, 'finish'))) return;
    const isPromoted = await vault.promote(tx, { account, key: newKey });
    invariant(isPromoted, 'the new key of a rotation is the next one in the vault');
    await this.lift(tx);
  }

  private async lift(tx: TenantTx): Promise<void> {
    await this.parts.holds.release(tx, { type: 'tenant', id: tx.tenantId }, HOLD_REASON);
  }

  private async openOf(order: Pick<RotationOrder, 'tenantId' | 'actor'>): Promise<KeyRotation | null> {
    return await this.context.uow.run(contextOf(order), (tx) => this.parts.rotations.open(tx));
  }

  private async currentKeyOf(tenantId: string): Promise<AccountKey> {
    const { tenants, vault } = this.parts;
    const { tenant, own } = await this.context.uow.runSystem('whose key is to be replaced', async (tx) => ({
      tenant: await tenants.findById(tx, tenantId),
      own: await vault.payingKeyOf(tx, tenantId),
    }));
    if (tenant === null) throw new KeyRotationError('there is no such tenant');
    if (tenant.distributionAccountType === 'DISTRIBUTION_ACCOUNT.STELLAR.ENV') {
      throw new KeyRotationError(
        `${tenant.name} pays from the host account, whose key is not in the vault but in DISTRIBUTION_SEED: npm run distribution-account -- rotate-host replaces it`,
      );
    }
    if (own === null)
      throw new KeyRotationError(`there is no key of ${tenant.name} in the vault: its account is not ours`);
    return own;
  }
}
