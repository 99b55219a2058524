import { CHANNEL_ACCOUNT_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of a ledger account that lends its sequence number. */
export const channelAccountMachine = defineStateMachine({
  name: 'channel-account',
  initial: ['FREE'],
  states: CHANNEL_ACCOUNT_STATUSES,
  // prettier-ignore
  moves: {
    lease:   { from: ['FREE'],           to: 'LEASED',   when: 'an instance owns it' },
    release: { from: ['LEASED'],         to: 'FREE',     when: 'its owner let it go' },
    drain:   { from: ['FREE', 'LEASED'], to: 'DRAINING', when: 'it is to be merged or rotated; it serves no new attempt' },
    retire:  { from: ['DRAINING'],       to: 'RETIRED',  when: 'merged with no live attempt; its address is never used again' },
  },
});

export type ChannelAccountMove = keyof typeof channelAccountMachine.moves;
