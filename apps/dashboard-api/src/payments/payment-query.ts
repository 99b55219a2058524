import type { PaymentStatus } from '@libs/contracts';
import type { CreatedBetween, PageQuery, SortDirection } from '@libs/http';

/** What a list of payments is asked for; null where it is not filtered. */
export interface PaymentQuery {
  readonly page: PageQuery;
  readonly sort: 'created_at' | 'updated_at';
  readonly direction: SortDirection;
  readonly text: string | null;
  readonly status: PaymentStatus | null;
  readonly type: 'DIRECT' | 'DISBURSEMENT' | null;
  readonly receiverId: string | null;
  readonly created: CreatedBetween;
}
