import { UploadRefusedError } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';

/** The answer to the refusal of a file. */
function answerToRefusal({ refusal: { status, ...body } }: UploadRefusedError): HttpProblem {
  return new HttpProblem(status, body);
}

/** Turns the refusal of a file into its answer. */
export async function answeringRefusals<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UploadRefusedError)) throw error;
    throw answerToRefusal(error);
  }
}
