import type { TestId } from "./test-ids.ts";

type Child = Node | string | null | undefined | false;
/** false and null leave an attribute out, true writes it empty. */
type AttributeValues = Readonly<Record<string, string | number | boolean | null>>;

interface Attributes {
  readonly class?: string;
  readonly testid?: TestId;
  readonly title?: string;
  readonly role?: string;
  /** Any other attribute. No style and no handlers: the page's policy forbids both. */
  readonly attributes?: AttributeValues;
}

const applyAttributes = (element: Element, { class: className, testid, title, role, attributes = {} }: Attributes): void => {
  const all: AttributeValues = { class: className ?? null, "data-testid": testid ?? null, title: title ?? null, role: role ?? null, ...attributes };
  for (const [name, value] of Object.entries(all)) if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
};

/** A new element with its attributes and children; text goes in as text, never as markup. */
export const h = <K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  applyAttributes(element, attributes);
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
};

/** A new SVG element with its attributes and children. */
export const svg = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: AttributeValues = {}, ...children: readonly Node[]): SVGElementTagNameMap[K] => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
};

/**
 * Text in which "_x" or "_{…}" stands for a subscript: "‖Π_I y‖" with a small I. For the few formulas of the page.
 */
export const formula = (text: string): HTMLElement => {
  const element = h("span", { class: "formula" });
  for (const part of text.split(/(_\{[^}]*\}|_.)/u)) {
    if (part.startsWith("_")) element.append(h("sub", {}, part.startsWith("_{") ? part.slice(2, -1) : part.slice(1)));
    else if (part !== "") element.append(part);
  }
  return element;
};

/** A name that loses its beginning, not its end, when there is no room: the end tells layers and files apart. */
export const ellipsis = (name: string): HTMLElement => h("span", { class: "ellipsis" }, h("bdi", {}, name));

/** Sets an element's text only when it changes, so that a drag does not disturb what assistive technology reads. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};
