import { HttpProblem } from '@libs/http';
import { fieldOf, isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Body, Controller, Param, Patch } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { receiverJson } from './receiver-json';
import { ReceiverWallets } from './receiver-wallets.service';
import { ReceiversReadModel } from './receivers.read-model';

@Controller('receivers')
export class ReceiverWalletsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wallets: ReceiverWallets,
    private readonly receivers: ReceiversReadModel,
  ) {}

  @Patch('wallets/:id')
  async inviteAgain(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const wallet = await this.unitOfWork.run(context, (tx) => this.wallets.inviteAgain(tx, id));
    return {
      id: wallet.id,
      receiver_id: wallet.receiverId,
      wallet_id: wallet.walletId,
      created_at: wallet.createdAt,
      invitation_sent_at: null,
    };
  }

  @Patch('wallets/:id/status')
  async setStatus(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<object> {
    await this.unitOfWork.run(context, (tx) => this.wallets.setStatus(tx, id, fieldOf(body, 'status')));
    return { message: 'receiver wallet status updated to "READY"' };
  }

  @Patch(':receiver_id/wallets/:id')
  async changeAddress(
    @CurrentCaller() { context, user }: Caller,
    @Param('receiver_id') receiverId: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<unknown> {
    const order = {
      stellarAddress: fieldOf(body, 'stellar_address'),
      stellarMemo: fieldOf(body, 'stellar_memo'),
    };
    const view = await this.unitOfWork.run(context, async (tx) => {
      if (!isId(receiverId)) throw new HttpProblem(404, { error: 'receiver wallet not found' });
      await this.wallets.changeAddress(tx, { receiverId, id }, order, user.id);
      return await this.receivers.find(tx, receiverId);
    });
    if (view === null) throw new HttpProblem(404);
    const wallets = receiverJson(view)['wallets'] as readonly { readonly id: string }[];
    return wallets.find((wallet) => wallet.id === id);
  }
}
