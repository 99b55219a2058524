import type { CatalogueAsset } from './asset';

/** A wallet provider: the app that a receiver claims a payment with. */
export interface WalletProvider {
  readonly id: string;
  readonly name: string;
  readonly homepage: string;
  /** The domain that proves itself in SEP-10; empty for the user-managed wallet. */
  readonly sep10ClientDomain: string;
  readonly deepLinkSchema: string;
  readonly enabled: boolean;
  /** The one wallet of addresses that the organisation enters itself. */
  readonly userManaged: boolean;
  readonly embedded: boolean;
  readonly assets: readonly CatalogueAsset[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewWallet {
  readonly name: string;
  readonly homepage: string;
  readonly sep10ClientDomain: string;
  readonly deepLinkSchema: string;
  readonly enabled: boolean;
  readonly userManaged: boolean;
}

export type WalletChange = Partial<
  Pick<NewWallet, 'name' | 'homepage' | 'sep10ClientDomain' | 'deepLinkSchema' | 'enabled'>
>;

/** Which field of another wallet is the same. */
export type WalletConflict = 'name' | 'homepage' | 'deep link schema';
