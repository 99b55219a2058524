import { WalletsRepository } from '@libs/catalogue';
import {
  ContactChanges,
  ReceiverAddresses,
  ReceiversRepository,
  ReceiverWalletMoves,
  StaffChanges,
} from '@libs/receivers';
import { Module } from '@nestjs/common';

import { ReceiverEdits } from './receiver-edits.service';
import { ReceiverWalletsController } from './receiver-wallets.controller';
import { ReceiverWallets } from './receiver-wallets.service';
import { ReceiversController } from './receivers.controller';
import { ReceiversReadModel } from './receivers.read-model';

/** The people who are paid, as staff see and correct them. */
@Module({
  controllers: [ReceiverWalletsController, ReceiversController],
  providers: [
    ReceiversReadModel,
    { provide: WalletsRepository, useFactory: () => new WalletsRepository() },
    ReceiversRepository,
    ReceiverAddresses,
    ReceiverWalletMoves,
    StaffChanges,
    ContactChanges,
    ReceiverEdits,
    ReceiverWallets,
  ],
})
export class ReceiversModule {}
