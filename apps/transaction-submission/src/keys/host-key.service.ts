import type { LedgerReader } from '@libs/ledger';
import type { UnitOfWork } from '@libs/persistence';
import { EverythingHold } from '@libs/submissions';

import type { SetupService } from '../accounts/setup.service';
import { KeyRotationError } from './key-rotation.errors';
import type { RotationStep } from './key-rotation.service';
import type { LedgerKeys } from './ledger-keys.port';
import { assertReplaceable, isReplaced } from './signing-power';

/**
 * Replaces the key that signs for the host account. That key is in the environment of each instance and not in the vault, so
 * the steps are the operator's: stop paying, replace, start everything with the new seed, resume.
 */
export class HostKeyService {
  constructor(
    private readonly parts: {
      readonly uow: UnitOfWork;
      readonly reader: LedgerReader;
      readonly keys: Pick<LedgerKeys, 'host'>;
      readonly setup: SetupService;
    },
  ) {}

  /** One step further; may be killed and repeated. Throws `KeyRotationError` when a person has to do something first. */
  async advance(newKey: string): Promise<RotationStep> {
    const { reader, keys, setup } = this.parts;
    const { account, key: oldKey } = keys.host;
    if (newKey === oldKey)
      throw new KeyRotationError('DISTRIBUTION_SEED_NEXT is the seed that signs for the host account now');
    await assertReplaceable(reader, keys.host, newKey);
    const replacement = { account, oldKey, newKey };
    if (await isReplaced(reader, replacement)) return { kind: 'done' };
    const attempts = await this.inFlight();
    if (attempts > 0) return { kind: 'waiting', attempts, until: null };
    const outcome = await setup.run({
      source: keys.host,
      feePayer: keys.host,
      operations: [{ kind: 'replace-key', account: keys.host, newKey }],
    });
    if (await isReplaced(reader, replacement)) return { kind: 'done' };
    if (outcome.kind === 'failed' || outcome.kind === 'refused')
      throw new KeyRotationError(
        `the ledger does not change the key of ${account}: ${outcome.codes.join(', ')}`,
      );
    return { kind: 'under way' };
  }

  /** How many channel accounts carry an attempt. Throws while paying is not stopped: more could be signed at any moment. */
  private async inFlight(): Promise<number> {
    const everything = new EverythingHold();
    const { holds, attempts } = await this.parts.uow.runSystem('what is held and on its way', async (tx) => ({
      holds: await everything.list(tx),
      attempts: await everything.attemptsInFlight(tx),
    }));
    if (holds.length === 0) {
      throw new KeyRotationError(
        'payments go out: stop them first with npm run stop-paying -- --reason "…", and resume when every instance has the new seed',
      );
    }
    return attempts;
  }
}
