/** Tables on the terminal. */
/** A line of cells, the first of which is the row's name. */
export function printLine(name: string, cells: string[], width = 16) {
  const line = name.padEnd(20) + cells.map((cell) => cell.padStart(width))
    .join("");
  console.log(line.trimEnd());
}

/** Milliseconds with two decimals. */
export function milliseconds(seconds: number): string {
  return (seconds * 1000).toFixed(2);
}

/** A cell with a mark where its goal is missed. */
export function judged(cell: string, reached: boolean): string {
  return reached ? `${cell} ` : `${cell}!`;
}
