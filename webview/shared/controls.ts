import "./nonce.ts";
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeProgressRing, vsCodeTextField, Button, TextField } from "@vscode/webview-ui-toolkit";
import type { TestId } from "./test-ids.ts";

// The only file that knows the toolkit: controls from elsewhere need a change here and nowhere else.

interface Common {
  readonly testid?: TestId;
  readonly title?: string;
}

/** Defines the custom elements; to be called once, before any control is made. */
export const registerControls = (): void => {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField(), vsCodeProgressRing());
};

const common = (element: HTMLElement, { testid, title }: Common): void => {
  if (testid !== undefined) element.dataset.testid = testid;
  if (title !== undefined) element.title = title;
};

/** A custom element as the class the toolkit registered for its name. */
const made = <T extends HTMLElement>(name: string, type: abstract new () => T): T => {
  const element = document.createElement(name);
  if (!(element instanceof type)) throw new Error(`${name} is not registered: call registerControls first.`);
  return element;
};

/** How much a button asks for attention: one main action of a page, ordinary ones, and those that stand beside something more important. */
type Emphasis = "primary" | "secondary" | "icon";

/** A button. */
export interface ButtonControl {
  readonly element: HTMLElement;
  setEnabled(enabled: boolean): void;
}

export const button = (options: Common & { readonly label: string; readonly emphasis?: Emphasis; readonly pressed: () => void }): ButtonControl => {
  const element = made("vscode-button", Button);
  element.appearance = options.emphasis ?? "secondary";
  element.textContent = options.label;
  if (options.title !== undefined) element.ariaLabel = `${options.label}: ${options.title}`;
  common(element, options);
  element.addEventListener("click", options.pressed);
  return { element, setEnabled: (enabled) => { element.disabled = !enabled; } };
};

/** A one-line field with its label before it. `entered` hears what the user typed on Enter and on leaving the field, if it changed. */
export interface FieldControl {
  readonly element: HTMLElement;
  setValue(value: string): void;
  setInvalid(invalid: boolean): void;
}

export const textField = (options: Common & { readonly label: string; readonly visibleLabel?: Node; readonly entered: (text: string) => void }): FieldControl => {
  const field = made("vscode-text-field", TextField);
  field.ariaLabel = options.label;
  common(field, options);
  let shown = "";
  const enter = (): void => {
    if (field.value !== shown) options.entered(field.value);
  };
  field.addEventListener("change", enter);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter();
    if (event.key === "Escape") field.value = shown;
  });
  const element = document.createElement("label");
  element.className = "field";
  const caption = document.createElement("span");
  caption.append(options.visibleLabel ?? options.label);
  element.append(caption, field);
  return {
    element,
    setValue: (value) => { field.value = shown = value; },
    setInvalid: (invalid) => {
      field.ariaInvalid = invalid ? "true" : null;
      element.classList.toggle("invalid", invalid);
    },
  };
};

/** A turning ring for work of unknown length; the page's style sheet hides it where motion is unwanted. */
export const progressRing = (): HTMLElement => document.createElement("vscode-progress-ring");
