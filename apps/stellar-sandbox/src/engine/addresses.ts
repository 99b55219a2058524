import { StrKey, xdr } from '@stellar/stellar-sdk';

/** The G… address of a raw public key. */
export const addressOfKey = (ed25519: Uint8Array): string => StrKey.encodeEd25519PublicKey(ed25519);

export const addressOf = (account: xdr.AccountId): string => addressOfKey(account.ed25519.value);

export interface Party {
  /** The account, G…. */
  readonly account: string;
  /** The multiplexed form, M…, when that is what the envelope names. */
  readonly muxed: string | null;
  readonly muxedId: bigint | null;
}

export function partyOf(address: xdr.MuxedAccount): Party {
  if (address.type === 'keyTypeEd25519') {
    return { account: addressOfKey(address.ed25519.value), muxed: null, muxedId: null };
  }
  const { ed25519, id } = address.med25519;
  const bytes = new Uint8Array(40);
  bytes.set(ed25519.value, 0);
  new DataView(bytes.buffer).setBigUint64(32, id);
  return { account: addressOfKey(ed25519.value), muxed: StrKey.encodeMed25519PublicKey(bytes), muxedId: id };
}

/** The signer's key as a StrKey, which is how accounts keep it. */
export function signerAddress(key: xdr.SignerKey): string {
  switch (key.type) {
    case 'signerKeyTypeEd25519':
      return addressOfKey(key.ed25519.value);
    case 'signerKeyTypePreAuthTx':
      return StrKey.encodePreAuthTx(key.preAuthTx.value);
    case 'signerKeyTypeHashX':
      return StrKey.encodeSha256Hash(key.hashX.value);
    case 'signerKeyTypeEd25519SignedPayload':
      return StrKey.encodeSignedPayload(key.ed25519SignedPayload.toXdr());
  }
}
