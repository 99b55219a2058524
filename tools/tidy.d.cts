/** What is untidy below `root`, one `file: why` per finding. */
export declare function findings(root: string): string[];
