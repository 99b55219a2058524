import type { InclusionProof, LedgerHeader, LookupAnswer } from '@libs/ledger';
import type { ContradictionRepository, Resolution } from '@libs/submissions';

import { asTenant, type EngineContext } from '../engine-context';
import type { WatchedAttempt } from './transaction-feed';

interface Answered {
  readonly attempt: WatchedAttempt;
  readonly answer: LookupAnswer;
}

/** Ends what a person has ended: contradictions for which no node has evidence. Evidence, where there is some, wins. */
export class ResolvingService {
  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'logger'>,
    private readonly contradictions: ContradictionRepository,
  ) {}

  async resolve(
    tenantId: string,
    answers: readonly Answered[],
    latest: LedgerHeader,
  ): Promise<readonly Answered[]> {
    const open = answers.filter(({ attempt, answer }) => {
      const isOver = latest.closedAt > attempt.query.maxTime;
      return answer.kind === 'notYet' && attempt.contradicted && isOver;
    });
    if (open.length === 0) return answers;
    const resolutions = await this.context.uow.run(asTenant(tenantId), (tx) =>
      this.contradictions.resolutions(
        tx,
        open.map(({ attempt }) => attempt.id),
      ),
    );
    return answers.map(({ attempt, answer }) => {
      const resolution = answer.kind === 'notYet' ? resolutions.get(attempt.id) : undefined;
      if (resolution === undefined) return { attempt, answer };
      const { actor, as } = resolution;
      this.context.logger.warn(
        { tenantId, attemptId: attempt.id, actor, as },
        'a person has ended an attempt',
      );
      return { attempt, answer: evidenceOf(attempt, resolution, latest) };
    });
  }
}

/** In the place of evidence; that a person decided is said in the proof, which is kept. */
function evidenceOf(
  { query }: WatchedAttempt,
  resolution: Resolution & { readonly actor: string },
  latest: LedgerHeader,
): LookupAnswer {
  const proof: InclusionProof & { readonly resolvedBy: string } = {
    ledger: resolution.as === 'paid' ? resolution.ledger : latest.sequence,
    closedAt: resolution.as === 'paid' ? resolution.closedAt : latest.closedAt,
    envelopeHash: resolution.as === 'paid' ? query.reference : '',
    innerHash: resolution.as === 'paid' ? query.reference : '',
    sourceAccount: query.channel,
    feeCharged: 0n,
    operationIds: [],
    resolvedBy: resolution.actor,
  };
  return { kind: resolution.as === 'paid' ? 'applied' : 'superseded', proof };
}
