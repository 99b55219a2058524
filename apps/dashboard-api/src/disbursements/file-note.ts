import type { InstructionsFile } from '@libs/disbursements';
import { noteChange } from '@libs/identity';
import type { TenantTx } from '@libs/persistence';

/** Tells the audit log which file of people a disbursement got, and which it had. */
export function noteFile(
  tx: TenantTx,
  disbursementId: string,
  {
    file,
    rows,
    before,
  }: { readonly file: InstructionsFile; readonly rows: number; readonly before: string | null },
): void {
  noteChange(tx, {
    subjectType: 'disbursements',
    subjectId: disbursementId,
    before: before === null ? null : { file: before },
    after: { file: file.name, sha256: file.sha256, bytes: file.sizeBytes, rows },
  });
}
