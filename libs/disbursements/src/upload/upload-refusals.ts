import type { PublishConflict } from '@libs/receivers';

import { UploadRefusedError, type UploadRefusal } from './upload.errors';

export const refused = (error: string, extras?: Readonly<Record<string, string>>): UploadRefusedError =>
  new UploadRefusedError({ status: 400, error, ...(extras === undefined ? {} : { extras }) });

export function refusalOf(conflict: PublishConflict): UploadRefusal {
  switch (conflict.kind) {
    case 'verification':
      return {
        status: 400,
        error: `receiver verification mismatch: receiver verification for ${conflict.contact} doesn't match. Check instruction with ID ${conflict.externalId}`,
      };
    case 'address':
      return {
        status: 400,
        error: `receiver wallet address mismatch: receiver wallet address mismatch for receiver with ID ${conflict.receiverId}`,
      };
    case 'memo':
      return {
        status: 400,
        error: `receiver wallet memo mismatch: the wallet of the receiver with ID ${conflict.receiverId} is registered with another memo (line ${String(conflict.line)}). Leave the memo of the file empty to pay with that one, or change the wallet first`,
      };
    case 'contact':
      return {
        status: 409,
        error: `${conflict.contact} (line ${String(conflict.line)}) was taken from its receiver while the file was read. Upload the file again`,
      };
    case 'address_taken':
      return {
        status: 409,
        error: `wallet address ${conflict.address} is already registered to another receiver: wallet address already in use`,
      };
  }
}
