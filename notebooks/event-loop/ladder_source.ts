/**
 * What the talk measured of its webhook, in Python on a shared machine: 2,500
 * requests of 5,686 bytes at 500 a second, with a timeout of 30 s. Seconds.
 */
export interface SourceFigures {
  /** In per cent. */
  success: number;
  /** Requests answered OK per second. */
  throughput: number;
  fastest: number;
  p50: number;
  p99: number;
}

/** By the route of ours that is most like theirs. */
export const sourceRungs: Record<string, SourceFigures> = {
  "/blocking": figures(58.68, 41.92, 0.932, 25.799, 30.001),
  "/pool-40": figures(78.28, 55.92, 0.895, 20.421, 30.001),
  "/pool-100": figures(85.52, 61.12, 0.887, 18.271, 30.001),
  "/singleton": figures(99.8, 158.58, 0.258, 6.684, 10.795),
  "/lean": figures(100, 195.4, 0.438, 5.879, 8.011),
};

/** 200 a second for four minutes, in the end. */
export const sourceSustained = figures(100, 198.75, 0.188, 0.248, 1.738);

/** Requests answered OK per second, in a thread and on the loop; then the p50. */
export const sourceMatrix: Record<
  string,
  { loop: [rate: number, p50: number]; pool: [rate: number, p50: number] }
> = {
  nothing: { loop: [432.16, 0.524], pool: [461.53, 0.389] },
  body: { loop: [411.22, 0.53], pool: [408.78, 0.616] },
  model: { loop: [374.48, 0.653], pool: [354.59, 0.736] },
  http: { loop: [252.25, 1.231], pool: [159.97, 6.848] },
  all: { loop: [212.33, 2.4], pool: [152.57, 7.113] },
};

function figures(
  success: number,
  throughput: number,
  fastest: number,
  p50: number,
  p99: number,
): SourceFigures {
  return { success, throughput, fastest, p50, p99 };
}
