/** Injects the logger of disbursement-core: an interface has no class to be found by. */
export const LOGGER = Symbol('logger of disbursement-core');
