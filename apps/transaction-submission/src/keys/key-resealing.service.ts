import { seal, sealingKeyIdOf, type UnitOfWork } from '@libs/persistence';
import type { SealedKey, VaultRepository } from '@libs/submissions';

import { boundTo, openedKey } from './vault-keys';

export interface SealingCount {
  /** Eight hexadecimal digits that tell sealing keys apart and nothing about them. */
  readonly id: string;
  readonly count: number;
}

/** Which sealing keys the vault depends on. */
export interface SealingState {
  /** Under KEY_ENCRYPTION_KEY. */
  readonly current: SealingCount;
  /** Under KEY_ENCRYPTION_KEYS_READABLE: these can be sealed anew. */
  readonly readable: readonly SealingCount[];
  /** Under keys that are not in the settings: nobody can sign with these. */
  readonly unreadable: readonly SealingCount[];
}

export interface Resealed {
  readonly resealed: number;
  /** Public keys whose secret could not be opened; they are as they were. */
  readonly failed: readonly string[];
}

export interface ResealingOptions {
  /** The one to seal under, then others that secrets may be sealed under now. */
  readonly encryptionKeys: readonly [Uint8Array, ...Uint8Array[]];
  /** So many in one database transaction. */
  readonly batch: number;
}

/**
 * Seals the secrets of the vault under another key, some at a time, each batch committed by itself: killed at any point, it
 * goes on where it was. Signing goes on meanwhile; the public keys and what they sign for stay as they are.
 */
export class KeyResealingService {
  private readonly sealingKeyId: string;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly vault: VaultRepository,
    private readonly options: ResealingOptions,
  ) {
    this.sealingKeyId = sealingKeyIdOf(options.encryptionKeys[0]);
  }

  async state(): Promise<SealingState> {
    const counts = await this.uow.runSystem('under which keys the vault is sealed', (tx) =>
      this.vault.countBySealingKey(tx),
    );
    const [current, ...readable] = this.options.encryptionKeys.map((key) => sealingKeyIdOf(key));
    const of = (id: string): SealingCount => ({ id, count: counts.get(id) ?? 0 });
    return {
      current: of(current ?? ''),
      readable: readable.filter((id) => id !== current).map(of),
      unreadable: [...counts.keys()].filter((id) => id !== current && !readable.includes(id)).map(of),
    };
  }

  /** Until nothing is left that can be sealed anew. `told` hears how many are done, after each batch. */
  async run(told: (resealed: number) => void): Promise<Resealed> {
    const failed: string[] = [];
    let resealed = 0;
    let after = '';
    for (;;) {
      const batch = await this.resealSome(after);
      if (batch === null) return { resealed, failed };
      resealed += batch.resealed;
      failed.push(...batch.failed);
      after = batch.last;
      told(resealed);
    }
  }

  private async resealSome(after: string): Promise<(Resealed & { readonly last: string }) | null> {
    const { batch: limit } = this.options;
    return await this.uow.runSystem('seal keys of the vault anew', async (tx) => {
      const { sealingKeyId } = this;
      const keys = await this.vault.lockSealedOtherwise(tx, { sealingKeyId, after, limit });
      const last = keys.at(-1)?.key;
      if (last === undefined) return null;
      const failed: string[] = [];
      const anew = keys.flatMap((one) => {
        const sealed = this.anew(one);
        if (sealed === null) failed.push(one.key);
        return sealed === null ? [] : [{ key: one.key, sealed }];
      });
      await this.vault.reseal(tx, anew);
      return { resealed: anew.length, failed, last };
    });
  }

  private anew(one: SealedKey): Uint8Array | null {
    const { encryptionKeys } = this.options;
    try {
      const { seed } = openedKey(encryptionKeys, one);
      return seal(encryptionKeys[0], boundTo(one), seed);
    } catch {
      return null;
    }
  }
}
