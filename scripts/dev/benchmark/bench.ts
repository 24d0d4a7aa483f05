/** What every part of the load benchmark works with. */
export interface Bench {
  trials: number;
  /** A folder for rows and other files. */
  out: string;
  signal: AbortSignal;
}
