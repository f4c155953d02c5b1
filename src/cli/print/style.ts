/** Text in a terminal's colours, or unchanged where there are none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

const paint = (colour: boolean, code: number, end: number) => (text: string): string => (colour ? `\u001b[${code}m${text}\u001b[${end}m` : text);

export const styleOf = (colour: boolean): Style => ({
  bold: paint(colour, 1, 22),
  dim: paint(colour, 2, 22),
  red: paint(colour, 31, 39),
  yellow: paint(colour, 33, 39),
  green: paint(colour, 32, 39),
});
