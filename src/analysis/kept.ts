/**
 * The last few things made, by key. One more than the capacity gives back the one not asked for longest; what fails to be made is not kept.
 * Its owner disposes it.
 */
export class Kept<T> {
  readonly #made = new Map<string, Promise<T>>();

  constructor(private readonly capacity: number, private readonly giveBack: (made: T) => Promise<void>) {}

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key);
    this.#made.delete(key);
    const made = known ?? make();
    this.#made.set(key, made);
    try {
      const value = await made;
      for (const oldest of [...this.#made.keys()].slice(0, -this.capacity)) await this.drop(oldest);
      return value;
    } catch (error) {
      if (this.#made.get(key) === made) this.#made.delete(key);
      throw error;
    }
  }

  /** Gives one back; an unknown one is none. */
  async drop(key: string): Promise<void> {
    const made = this.#made.get(key);
    this.#made.delete(key);
    if (made) await this.giveBack(await made);
  }

  async dispose(): Promise<void> {
    for (const key of [...this.#made.keys()]) await this.drop(key);
  }
}
