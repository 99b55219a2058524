import fc from 'fast-check';

const DEFAULT_SEED = 20_261_121;

// A gate says the same of the same commit: what is tried is the same in each run. FUZZ_SEED tries something else.
fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? DEFAULT_SEED) });
