export interface Row {
  readonly run: string;
  readonly step: number;
  readonly samples: number;
  readonly rank: number;
}
export declare const analyseDigits: () => Promise<readonly Row[]>;
export declare const differences: (row: Row) => readonly string[];
