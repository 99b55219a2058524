import { RECEIVER_WALLET_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of one receiver at one wallet provider. */
export const receiverWalletMachine = defineStateMachine({
  name: 'receiver-wallet',
  initial: ['DRAFT'],
  states: RECEIVER_WALLET_STATUSES,
  // prettier-ignore
  moves: {
    invite:             { from: ['DRAFT'],               to: 'READY',      when: 'a disbursement that pays it started, or a direct payment needs it' },
    register:           { from: ['DRAFT', 'READY'],      to: 'REGISTERED', when: 'the person proved contact and identity, or the file brought the address' },
    unregister:         { from: ['REGISTERED'],          to: 'READY',      when: 'a person took the address back; refused while a payment is PENDING or the wallet is user-managed' },
    flag:               { from: ['READY', 'REGISTERED'], to: 'FLAGGED',    when: 'a person flagged it; a hold on it is in force meanwhile' },
    unflagToReady:      { from: ['FLAGGED'],             to: 'READY',      when: 'the flag was lifted and it had no address before' },
    unflagToRegistered: { from: ['FLAGGED'],             to: 'REGISTERED', when: 'the flag was lifted and it had an address before' },
  },
});

export type ReceiverWalletMove = keyof typeof receiverWalletMachine.moves;
