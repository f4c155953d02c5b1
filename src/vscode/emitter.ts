/** A list of listeners for parts that must not know VS Code; `on` returns what stops listening. */
export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => void>();

  readonly on = (listener: (value: T) => void): (() => void) => {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
