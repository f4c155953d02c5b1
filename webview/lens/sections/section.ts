/** A part of the page. `dispose` frees what outlives its elements: drawings and observers. */
export interface Section {
  readonly element: HTMLElement;
  readonly dispose?: () => void;
}
